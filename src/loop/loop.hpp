// The event loop of the process: sd-event behind a plain interface. One thread, the one that calls run(), owns all state.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "loop/host_clock.hpp"
#include "loop/scheduler.hpp"
#include "loop/watch.hpp"

namespace rbamp::loop {

/// Construct it before any thread is started: the constructor blocks SIGTERM, SIGINT and SIGHUP in the calling thread, later
/// threads inherit that, and a signal that arrives early waits for its watch instead of killing the process. They stay blocked
/// after the destructor, since threads that inherited the mask may still run.
///
/// All calls belong to the loop thread, except post() and post_later(); its watches do, too, and must not outlive it. Nothing but
/// run() blocks. Between two events the loop sleeps without any periodic wake-up of its own. Timers run on CLOCK_BOOTTIME and fire
/// up to 1 ms late, in the order of their times also when several are overdue.
///
/// An exception that leaves a callback does not cross sd-event's C code: it is caught at the border, the loop ends, and run()
/// throws it again, so that main() reports it like any other failure and destructors run.
///
/// Errors: everything here needs a few descriptors and some memory; when the system refuses those, std::system_error is thrown.
class Loop final : public Scheduler {
 public:
  Loop();
  ~Loop() override;

  [[nodiscard]] HostClock& clock() override { return clock_; }
  [[nodiscard]] Timer call_at(BootTime when, std::function<void()> callback) override;
  /// From any thread. What is posted before run() waits for it; what is still queued when the loop is destroyed is dropped.
  void post(std::function<void()> callback) override;
  void post_later(std::function<void()> callback) override;

  /// Calls back while the descriptor is ready for one of `events` (EPOLLIN, EPOLLOUT; EPOLLERR and EPOLLHUP always count), level
  /// triggered, with the events that are ready. The descriptor stays the caller's; cancel the watch before closing it.
  [[nodiscard]] Watch watch_fd(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback);
  /// SIGTERM, SIGINT or SIGHUP, which are blocked, or another signal, which is blocked from now on. One watch per signal.
  [[nodiscard]] Watch watch_signal(int number, std::function<void()> callback);
  /// Calls back after CLOCK_REALTIME was set (by hand, by the first NTP step, or on resume from suspend). The kernel tells, nothing is
  /// polled. Slewing is no setting: a clock that becomes synchronised without a step shows only in Clock::utc_is_synchronised().
  [[nodiscard]] Watch watch_clock_change(std::function<void()> callback);

  /// Runs callbacks until quit(); returns its code. May be called again afterwards. Throws what a callback threw.
  int run();
  /// Ends run() when the running callback returns; nothing else runs before. The first code counts.
  void quit(int code = 0);

 private:
  struct Core;
  HostClock clock_;
  std::unique_ptr<Core> core_;
};

}  // namespace rbamp::loop
