#include "fleet/searcher.hpp"

#include <algorithm>

namespace rbamp::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Microseconds first_pause = milliseconds{300};  // a booting module answers after 10 ms and is stable after 250 ms
constexpr Microseconds longest_pause = seconds{30};
constexpr Microseconds foreign_pause = seconds{60};
constexpr Microseconds first_scan_pause = seconds{5};
constexpr Microseconds longest_scan_pause = seconds{300};
constexpr std::uint8_t first_address = 0x08;
constexpr std::uint8_t last_address = 0x77;

/// Silence is what is expected of a module that is away; a bus that hangs or is gone is told as such.
bool is_worth_telling(const Error& error) {
  return error.is(Errc::bus_unsupported) || error.is(Errc::bus_io) || error.is(Errc::torn_read);
}

}  // namespace

void Searcher::look_for(I2cAddress address, Microseconds after) {
  targets_[address] = Target{context_.scheduler.clock().boot_now() + after, first_pause};
  schedule();
}

void Searcher::watch(I2cAddress address) {
  targets_[address] = Target{context_.scheduler.clock().boot_now() + foreign_pause, foreign_pause, true};
  schedule();
}

void Searcher::scan_all() {
  scans_ = true;
  next_scan_ = context_.scheduler.clock().boot_now();
  scan_pause_ = first_scan_pause;
  schedule();
}

void Searcher::stop_scanning() {
  scans_ = false;
  strangers_.clear();
  schedule();
}

void Searcher::forget(I2cAddress address) {
  targets_.erase(address);
  schedule();
}

void Searcher::pause() {
  is_paused_ = true;
  ++generation_;
  is_busy_ = false;
  queue_.clear();
  timer_.cancel();
}

void Searcher::resume() {
  is_paused_ = false;
  const BootTime now = context_.scheduler.clock().boot_now();
  for (auto& [address, target] : targets_) target = Target{now, first_pause, target.is_reported, target.is_told};
  if (scans_) next_scan_ = now;
  schedule();
}

void Searcher::schedule() {
  if (is_paused_ || is_busy_) return;
  if (targets_.empty() && !scans_) {
    timer_.cancel();
    return;
  }
  BootTime next = scans_ ? next_scan_ : BootTime::max();
  for (const auto& [address, target] : targets_) next = std::min(next, target.next);
  timer_ = context_.scheduler.call_at(next, [this] { turn(); });
}

void Searcher::turn() {
  const BootTime now = context_.scheduler.clock().boot_now();
  queue_.clear();
  if (scans_ && next_scan_ <= now) {
    for (unsigned a = first_address; a <= last_address; ++a) queue_.emplace_back(static_cast<std::uint8_t>(a));
    next_scan_ = now + scan_pause_;
    scan_pause_ = std::min(scan_pause_ * 2, longest_scan_pause);
  } else {
    for (const auto& [address, target] : targets_) {
      if (target.next <= now) queue_.push_back(address);
    }
  }
  std::reverse(queue_.begin(), queue_.end());  // taken from the back
  is_busy_ = true;
  next_in_turn();
}

void Searcher::next_in_turn() {
  if (queue_.empty()) {
    is_busy_ = false;
    if (!std::exchange(has_looked_, true)) events_.looked();
    schedule();
    return;
  }
  const auto address = queue_.back();
  queue_.pop_back();
  context_.run(
      alive_,
      [address, boot = context_.boot, exported = events_.export_register(address)](BusStation& bus) {
        return identify(bus, address, boot, Effort::once, exported);
      },
      [this, address, generation = generation_](Result<Identification> result) {
        if (generation == generation_) answered(address, std::move(result));
      });
}

void Searcher::answered(I2cAddress address, Result<Identification> result) {
  if (result) {
    targets_.erase(address);
    strangers_.erase(address);
    events_.found(address, std::move(*result));
  } else {
    const auto& error = result.error();
    // Where nothing is metered nobody else meets this.
    if (error.is(Errc::bus_missing) || error.is(Errc::bus_permission)) return events_.bus_lost(error);
    const bool is_foreign = error.is(Errc::not_rbamp);
    if (const auto target = targets_.find(address); target != targets_.end()) {
      auto& [next, pause, is_reported, is_told] = target->second;
      if (is_foreign) pause = foreign_pause;
      next = context_.scheduler.clock().boot_now() + pause;
      pause = std::min(pause * 2, is_foreign ? foreign_pause : longest_pause);
      if (is_foreign && !std::exchange(is_reported, true)) events_.foreign(address, error);
      if (is_worth_telling(error) && !std::exchange(is_told, true)) events_.unreadable(address, error);
    } else if (is_foreign) {
      if (!std::exchange(strangers_[address], true)) events_.foreign(address, error);
    } else if (error.is(Errc::not_ready) || error.is(Errc::torn_read)) {
      targets_[address] = Target{context_.scheduler.clock().boot_now() + first_pause, first_pause};  // an rbAmp that is booting
    }
  }
  next_in_turn();
}

}  // namespace rbamp::fleet
