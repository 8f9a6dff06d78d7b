// BusFleet under a changed configuration: what holds at once, and what waits for the end of the running period.
#include <algorithm>

#include "fleet/bus_fleet.hpp"
#include "log/fields.hpp"

namespace rbamp::fleet {

namespace field = log::field;

bool BusFleet::reconfigure(Change change) {
  settings_.latch = change.latch;
  settings_.assignments = std::move(change.assignments);
  settings_.is_automatic = change.is_automatic;
  if (settings_.show_every != change.show_every) {
    settings_.show_every = change.show_every;
    sampler_.set_show_every(change.show_every);
  }
  for (const auto& module : modules_) {
    const auto* wanted = assignment_for(*module);
    if (wanted == nullptr) continue;
    if (module->is_identified()) tell_missing_inputs(*wanted, module->dialect().variant);
    module->reassign(*wanted);
    if (module->state == Module::State::metering) output_.describe(describe(*module));
  }
  update_sampler();  // a changed role may need every window
  if (!must_change_modules()) return false;
  // Without a period that runs there is nothing to wait for.
  if (!metering_modules().empty() || round_.state() != LatchRound::State::idle) return true;
  book_estimates();
  change_modules();
  return must_change_modules();
}

/// No round closes what was estimated so far where no module is latched.
void BusFleet::book_estimates() {
  std::vector<metering::ModuleReport> reports;
  close_estimates(reports);
  if (!reports.empty()) events_.reported(*this, std::move(reports), [] {});
}

void BusFleet::announce(metering::Output& output) const {
  for (const auto& module : modules_) {
    if (module->state != Module::State::metering && !module->has_account()) continue;
    output.describe(describe(*module));
    output.set_reachable(module->id(), module->is_reachable);
  }
}

const Assignment* BusFleet::assignment_for(const Module& module) const {
  const auto it = std::find_if(settings_.assignments.begin(), settings_.assignments.end(),
                               [&](const Assignment& wanted) { return module.serves(wanted); });
  return it == settings_.assignments.end() ? nullptr : &*it;
}

bool BusFleet::must_change_modules() const {
  if (was_automatic_ != settings_.is_automatic) return true;
  if (settings_.is_automatic) return false;
  return modules_.size() != settings_.assignments.size() ||
         !std::all_of(modules_.begin(), modules_.end(), [&](const auto& module) { return assignment_for(*module) != nullptr; });
}

void BusFleet::remove(Module& module, const std::string& why) {
  if (module.is_reachable) output_.set_reachable(module.id(), false);
  module.is_reachable = false;
  module.state = Module::State::removed;
  output_.removed(module.id());
  std::erase(waiting_, &module);
  std::erase(in_round_, &module);
  std::erase(error_looks_, &module);
  interruptions_.end(&module, failure(Errc::cancelled, Remedy::give_up, "the module is no longer metered"));
  searcher_.forget(module.address());
  context_.log.info("Module \"" + module.id() + "\" is no longer metered here: " + why + ". Its registers stay.",
                    {{field::module, module.id()}, {field::bus, name()}, {field::address, to_string(module.address())}});
}

void BusFleet::change_modules() {
  std::vector<std::unique_ptr<Module>> kept;
  for (auto& module : modules_) {
    if (assignment_for(*module) != nullptr) {
      kept.push_back(std::move(module));
    } else {
      remove(*module, "the configuration does not name it any more");
      removed_.push_back(std::move(module));
    }
  }
  modules_ = std::move(kept);
  for (const auto& wanted : settings_.assignments) {
    const bool is_served =
        std::any_of(modules_.begin(), modules_.end(), [&](const auto& module) { return module->serves(wanted); });
    if (is_served) continue;
    // It moves here from another bus, which meters it to the end of its period: until then it has an owner. The next round asks again.
    if (events_.is_id_taken(wanted.place_id, this)) continue;
    modules_.push_back(std::make_unique<Module>(wanted));
    searcher_.look_for(wanted.address);
  }
  if (std::exchange(was_automatic_, settings_.is_automatic) != settings_.is_automatic) {
    settings_.is_automatic ? searcher_.scan_all() : searcher_.stop_scanning();
  }
  update_sampler();
  events_.changed();
}

}  // namespace rbamp::fleet
