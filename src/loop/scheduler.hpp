// What state machines need of an event loop: now, later, and answers from other threads. The real one is loop::Loop (sd-event);
// tests and benchmarks use loop::VirtualLoop, which jumps from timer to timer.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/clock.hpp"

namespace rbamp::loop {

/// Cancels its timer when destroyed. Move-only. Must not outlive the scheduler.
class Timer {
 public:
  class Source {
   public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;
    virtual void move_to(BootTime when) = 0;
  };

  Timer() = default;
  explicit Timer(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  void cancel() { source_.reset(); }
  /// Runs the same callback at `when`: instead of when it was due, or once more after it fired. Only while is_set().
  void move_to(BootTime when) { source_->move_to(when); }
  [[nodiscard]] bool is_set() const { return source_ != nullptr; }  ///< stays true after it fired, until cancelled or replaced

 private:
  std::unique_ptr<Source> source_;
};

class Scheduler {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;

  [[nodiscard]] virtual Clock& clock() = 0;
  /// Runs `callback` once on the loop thread at `when` (CLOCK_BOOTTIME), at once when that is past. Accuracy about 1 ms.
  [[nodiscard]] virtual Timer call_at(BootTime when, std::function<void()> callback) = 0;
  [[nodiscard]] Timer call_after(Microseconds delay, std::function<void()> callback) {
    return call_at(clock().boot_now() + delay, std::move(callback));
  }
  /// Runs `callback` on the loop thread soon. With post_later() the only call that is allowed from other threads. In order per thread.
  virtual void post(std::function<void()> callback) = 0;
  /// As post(), for what is in no hurry: many of these share one wake-up of the loop. Runs with the next post(), in order with all others,
  /// and `leisure` later at the latest.
  virtual void post_later(std::function<void()> callback) = 0;
  static constexpr Microseconds leisure = std::chrono::milliseconds{50};
};

}  // namespace rbamp::loop
