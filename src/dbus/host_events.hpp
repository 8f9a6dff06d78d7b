// What the host is about to do, as systemd-logind and systemd-timedated tell on the system bus.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "log/logger.hpp"
#include "loop/loop.hpp"

namespace rbamp::dbus {

/// Holds a delay lock of logind (`systemd-inhibit --list` shows it), so that the host waits with sleep and power-off until the running
/// period is booked, at most InhibitDelayMaxSec (5 s unless an administrator changed it).
///
/// Has a connection of its own: our policy keeps signals of services that are not root from the connection that owns org.rbampd1.
/// Loop thread; nothing blocks. Without a bus or without logind nothing happens, told in one debug line; both may come later.
class HostEvents {
 public:
  struct Callbacks {
    /// The host is about to sleep. Call `done` when it may: soon, once, on the loop thread; also later than this object's end.
    std::function<void(std::function<void()> done)> before_sleep;
    std::function<void()> after_sleep;
    /// The host is about to power off or reboot, unless somebody changes his mind: metering goes on until SIGTERM.
    std::function<void(std::function<void()> done)> before_shutdown;
    /// The clock may have become synchronised, or the time zone changed: look at the clock. A hint that anyone on the host can cause.
    std::function<void()> look_at_clock;
    /// What timedated says about the clock: in the beginning, after ask_about_clock(), after a hint, and from time to time. Empty: it is
    /// never asked. Errors: dbus_missing with wait, also when there is no bus.
    std::function<void(const Result<bool>& is_synchronised)> clock_is;
  };

  /// `address`: of a bus, for tests; empty is the system bus. The references must outlive this object; empty callbacks are allowed.
  HostEvents(loop::Loop& loop, log::Logger& log, Callbacks callbacks, std::string address = {});
  HostEvents(const HostEvents&) = delete;
  HostEvents& operator=(const HostEvents&) = delete;
  ~HostEvents();

  /// Connects in the background.
  void start();
  /// The clock was set: what timedated said before does not count any more.
  void ask_about_clock();
  /// The host waits for us.
  [[nodiscard]] bool holds_lock() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace rbamp::dbus
