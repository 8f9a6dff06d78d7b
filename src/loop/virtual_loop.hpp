// A scheduler on virtual time: jumps from timer to timer, so that a simulated year takes seconds. For one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "loop/scheduler.hpp"
#include "loop/timer_queue.hpp"

namespace rbamp::loop {

class VirtualLoop final : public Scheduler {
 public:
  explicit VirtualLoop(ManualClock& clock) : clock_(clock) {}

  [[nodiscard]] Clock& clock() override { return clock_; }
  [[nodiscard]] Timer call_at(BootTime when, std::function<void()> callback) override {
    return timers_.add(when, std::move(callback));
  }
  void post(std::function<void()> callback) override;
  void post_later(std::function<void()> callback) override;

  /// Runs everything that is due up to `until`, moving the clock from timer to timer, and leaves the clock at `until` or
  /// later (a callback may move it, as bus transfers do).
  void run_until(BootTime until);
  void run_for(Microseconds time) { run_until(clock_.boot_now() + time); }
  /// Runs what is due now, without moving the clock by itself.
  void run_ready();
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  bool run_one(BootTime until);

  /// When what is posted runs; far away when nothing is.
  [[nodiscard]] BootTime next_posted() const { return posted_.empty() ? BootTime::max() : posted_due_; }

  ManualClock& clock_;
  TimerQueue timers_;
  std::deque<std::function<void()>> posted_;
  BootTime posted_due_{};  ///< while there are any
};

}  // namespace rbamp::loop
