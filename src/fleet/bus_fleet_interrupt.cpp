// BusFleet interrupting a module: what it has averaged is booked first, then somebody may reset it. Protocol 8.3.
#include <algorithm>
#include <utility>

#include "fleet/bus_fleet.hpp"
#include "log/fields.hpp"

namespace rbamp::fleet {

namespace field = log::field;

metering::ModuleDescription BusFleet::describe(const Module& module) const {
  auto description = module.describe();
  description.bus = name();
  return description;
}

void BusFleet::restart_module(Module& module) {
  Interruption restart;
  restart.module = &module;
  restart.needs_booking = false;  // a module that cannot be latched any more may need nothing but a restart
  restart.job = [address = module.address()](BusStation& bus) -> Result<void> {
    send_reset(bus, address);
    return {};
  };
  restart.done = [this, id = module.id()](const Result<void>& result) {
    if (!result) context_.log.warning("Module \"" + id + "\" was not restarted: " + result.error().detail, {{field::module, id}});
  };
  interrupt(std::move(restart));
}

void BusFleet::interrupt(Interruption wanted) {
  auto* module = wanted.module;
  if (is_winding_down_) {
    wanted.done(failure(Errc::cancelled, Remedy::give_up, "rbampd is ending"));
    return;
  }
  if (!module->has_account()) {
    run_interruption(std::move(wanted));
    return;
  }
  const auto now = context_.scheduler.clock().boot_now();
  interruptions_.push_back({std::move(wanted), now, false});
  if (!interruption_timer_.is_set())
    interruption_timer_ = context_.scheduler.call_after(interruption_limit, [this] { end_late_interruptions(); });
  waiting_.push_back(module);
  latch_waiting();
}

/// A round that was under way before may have latched too early.
void BusFleet::arm_interruptions() {
  for (auto& one : interruptions_) {
    if (std::find(in_round_.begin(), in_round_.end(), one.wanted.module) != in_round_.end()) one.is_armed = true;
  }
}

void BusFleet::run_interruptions() {
  const auto waits = [](const Pending& one) { return !one.is_armed; };
  const auto first = std::stable_partition(interruptions_.begin(), interruptions_.end(), waits);
  std::vector<Pending> ready{std::make_move_iterator(first), std::make_move_iterator(interruptions_.end())};
  interruptions_.erase(first, interruptions_.end());
  if (interruptions_.empty()) interruption_timer_.cancel();
  for (auto& one : ready) {
    const auto& module = *one.wanted.module;
    const auto until = module.covered_until();
    const bool is_booked = until && until->at >= one.asked && !module.unsettled();
    if (is_booked || !one.wanted.needs_booking) {
      run_interruption(std::move(one.wanted));
    } else {
      one.wanted.done(failure(Errc::not_ready, Remedy::wait,
                              "what the module has measured since its last period could not be booked, and would be lost; "
                              "nothing was changed, try again"));
    }
  }
}

void BusFleet::run_interruption(Interruption wanted) { context_.run(alive_, std::move(wanted.job), std::move(wanted.done)); }

void BusFleet::end_interruptions(const std::function<bool(const Pending&)>& which, const tl::unexpected<Error>& why) {
  const auto stays = [&which](const Pending& one) { return !which(one); };
  const auto first = std::stable_partition(interruptions_.begin(), interruptions_.end(), stays);
  std::vector<Pending> ended{std::make_move_iterator(first), std::make_move_iterator(interruptions_.end())};
  interruptions_.erase(first, interruptions_.end());
  if (interruptions_.empty()) interruption_timer_.cancel();
  for (auto& one : ended) one.wanted.done(why);
}

/// Of one module, or of all.
void BusFleet::end_interruptions(const Module* module, const tl::unexpected<Error>& why) {
  end_interruptions([module](const Pending& one) { return module == nullptr || one.wanted.module == module; }, why);
}

/// A ledger that takes nothing keeps a round from ending.
void BusFleet::end_late_interruptions() {
  interruption_timer_.cancel();
  const BootTime too_old = context_.scheduler.clock().boot_now() - interruption_limit;
  end_interruptions(
      [too_old](const Pending& one) { return one.asked <= too_old; },
      failure(Errc::not_ready, Remedy::wait, "its running period was not booked in time; nothing was changed, try again later"));
  if (!interruptions_.empty())
    interruption_timer_ =
        context_.scheduler.call_at(interruptions_.front().asked + interruption_limit, [this] { end_late_interruptions(); });
}

}  // namespace rbamp::fleet
