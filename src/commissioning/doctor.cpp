#include "commissioning/doctor.hpp"

#include <algorithm>
#include <map>

#include "commissioning/broadcast_trial.hpp"
#include "commissioning/bus_scan.hpp"
#include "commissioning/link_quality.hpp"
#include "commissioning/module_doctor.hpp"

namespace rbamp::commissioning {
namespace {

/// A round over one bus. Findings about the bus come first, then module by module.
class Round {
 public:
  Round(fleet::BusStation& bus, const DoctorOrder& order, const Progress& progress)
      : bus_(bus), order_(order), progress_(progress) {}

  Result<Findings> run() {
    tell("looking who is on the bus");
    const auto scan = scan_bus(bus_);
    if (!scan) return failure(scan.error());
    check_answers(*scan);
    check_missing(*scan);
    check_uids(*scan);
    connect(*scan);
    check_bus();
    for (const auto& module : modules_) examine_one(module);
    if (order_.may_write && order_.may_latch) check_broadcast();
    return std::move(findings_);
  }

 private:
  void find(Severity severity, const std::string& check, std::optional<I2cAddress> module, const std::string& text,
            const std::string& advice = {}) {
    findings_.push_back({severity, check, module, text, advice});
  }
  void tell(const std::string& words) const {
    if (progress_) progress_(words);
  }
  [[nodiscard]] bool is_wanted(I2cAddress address) const {
    return order_.only.empty() || std::find(order_.only.begin(), order_.only.end(), address) != order_.only.end();
  }
  [[nodiscard]] const config::Module* configured_at(I2cAddress address) const {
    const auto found = std::find_if(order_.configured.begin(), order_.configured.end(),
                                    [&](const auto& module) { return module.address == address; });
    return found == order_.configured.end() ? nullptr : &*found;
  }

  void check_answers(const BusScan& scan) {
    if (std::none_of(scan.answers.begin(), scan.answers.end(), [](const auto& answer) { return answer.is_module(); }))
      find(Severity::problem, "scan", std::nullopt, "no module answers", "Check supply (5 V), SDA, SCL, ground and pull-ups");
    for (const auto& answer : scan.answers) {
      if (answer.is_module()) continue;
      if (!answer.look) {
        find(Severity::problem, "scan", answer.address, answer.error->detail, "Check wiring, pull-ups and speed");
      } else if (answer.look->chip.kind == protocol::ChipKind::clone) {
        find(Severity::problem, "scan", answer.address, protocol::describe(answer.look->chip), "Replace the module");
      } else if (answer.look->chip.kind == protocol::ChipKind::contradictory) {
        find(Severity::problem, "scan", answer.address, protocol::describe(answer.look->chip), "Connect one module at a time");
      } else {
        find(Severity::hint, "scan", answer.address, protocol::describe(answer.look->chip));
      }
    }
  }

  void check_missing(const BusScan& scan) {
    for (const auto& module : order_.configured) {
      const bool is_there = std::any_of(scan.answers.begin(), scan.answers.end(), [&](const auto& answer) {
        return answer.address == module.address && answer.is_module();
      });
      if (!is_there && is_wanted(module.address)) {
        find(Severity::problem, "scan", module.address, "no module answers where the configuration has \"" + module.id + "\"",
             "Check its supply and wires, or correct the configuration");
      }
    }
  }

  void check_uids(const BusScan& scan) {
    std::map<ModuleUid, I2cAddress> seen;
    for (const auto& answer : scan.answers) {
      if (!answer.is_module()) continue;
      const auto& uid = answer.look->chip.identity.uid;
      const auto [first, is_new] = seen.emplace(uid, answer.address);
      if (!is_new) {
        find(Severity::problem, "identity", answer.address, "it shows the same UID as the module at " + to_string(first->second),
             "One chip has one UID: the bus or one of both is faulty");
      }
    }
  }

  void connect(const BusScan& scan) {
    for (const auto& answer : scan.answers) {
      if (!answer.is_module()) continue;
      ++on_bus_;
      if (!is_wanted(answer.address)) continue;
      if (auto module = ModuleLink::open(bus_, answer.address)) {
        modules_.push_back(std::move(*module));
      } else {
        find(Severity::problem, "scan", answer.address, module.error().detail, "Check wiring, pull-ups and speed");
      }
    }
  }

  void check_bus() {
    if (modules_.empty()) return;
    if (order_.measures_speed) {
      if (const auto speed = measure_speed(modules_.front())) findings_.push_back(judge_speed(*speed));
    }
    findings_.push_back(advise_pull_ups(on_bus_));
  }

  void examine_one(const ModuleLink& module) {
    tell("looking at " + module.name());
    auto found = examine_module(module, configured_at(module.address()), order_);
    if (!found) {
      find(Severity::problem, "link", module.address(), found.error().detail, "Check wiring, pull-ups and speed");
      return;
    }
    std::move(found->begin(), found->end(), std::back_inserter(findings_));
  }

  void check_broadcast() {
    tell("sending a latch for all");
    auto found = try_broadcast(modules_);
    if (!found) {
      find(Severity::problem, "broadcast", std::nullopt, found.error().detail, "Check wiring, pull-ups and speed");
      return;
    }
    std::move(found->begin(), found->end(), std::back_inserter(findings_));
  }

  fleet::BusStation& bus_;
  const DoctorOrder& order_;
  const Progress& progress_;
  std::vector<ModuleLink> modules_;
  std::size_t on_bus_ = 0;
  Findings findings_;
};

}  // namespace

Result<Findings> examine(fleet::BusStation& bus, const DoctorOrder& order, const Progress& progress) {
  return Round{bus, order, progress}.run();
}

}  // namespace rbamp::commissioning
