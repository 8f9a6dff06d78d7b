#include "fleet/interruptions.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rbamp::fleet {

void Interruptions::add(Interruption wanted) {
  pending_.push_back({std::move(wanted), context_.scheduler.clock().boot_now(), false});
  if (!timer_.is_set()) timer_ = context_.scheduler.call_after(limit, [this] { end_late(); });
}

void Interruptions::run(Interruption wanted) { context_.run(alive_, std::move(wanted.job), std::move(wanted.done)); }

/// A round that was under way before may have latched too early.
void Interruptions::round_begins(const std::vector<Module*>& modules) {
  for (auto& one : pending_) {
    if (std::find(modules.begin(), modules.end(), one.wanted.module) != modules.end()) one.is_armed = true;
  }
}

void Interruptions::round_ended() {
  for (auto& one : take([](const Pending& candidate) { return candidate.is_armed; })) {
    const auto& module = *one.wanted.module;
    const auto until = module.covered_until();
    const bool is_booked = until && until->at >= one.asked && !module.unsettled();
    if (is_booked || !one.wanted.needs_booking) {
      run(std::move(one.wanted));
    } else {
      one.wanted.done(failure(Errc::not_ready, Remedy::wait,
                              "what the module has measured since its last period could not be booked, and would be lost; "
                              "nothing was changed, try again"));
    }
  }
}

void Interruptions::end(const Module* module, const tl::unexpected<Error>& why) {
  for (auto& one : take([module](const Pending& candidate) { return module == nullptr || candidate.wanted.module == module; }))
    one.wanted.done(why);
}

/// A ledger that takes nothing keeps a round from ending.
void Interruptions::end_late() {
  timer_.cancel();
  const BootTime too_old = context_.scheduler.clock().boot_now() - limit;
  for (auto& one : take([too_old](const Pending& candidate) { return candidate.asked <= too_old; })) {
    one.wanted.done(failure(Errc::not_ready, Remedy::wait,
                            "its running period was not booked in time; nothing was changed, try again later"));
  }
  if (!pending_.empty()) timer_ = context_.scheduler.call_at(pending_.front().asked + limit, [this] { end_late(); });
}

std::vector<Interruptions::Pending> Interruptions::take(const std::function<bool(const Pending&)>& which) {
  const auto first = std::stable_partition(pending_.begin(), pending_.end(), [&which](const auto& one) { return !which(one); });
  std::vector<Pending> taken{std::make_move_iterator(first), std::make_move_iterator(pending_.end())};
  pending_.erase(first, pending_.end());
  if (pending_.empty()) timer_.cancel();
  return taken;
}

}  // namespace rbamp::fleet
