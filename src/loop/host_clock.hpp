// The kernel's clocks as a service in a sandbox sees them.
#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace rbamp::loop {

/// Reading whether UTC is synchronised is the same system call as setting the clock, and the sandbox of the unit (ProtectClock=)
/// refuses it. There somebody outside must tell (systemd-timedated, dbus/clock_inquiry.hpp); everywhere else the kernel is asked.
class HostClock final : public Clock {
 public:
  HostClock();

  [[nodiscard]] BootTime boot_now() const override { return kernel_.boot_now(); }
  [[nodiscard]] UtcTime utc_now() const override { return kernel_.utc_now(); }
  /// Where it must be told: what was told last, false before.
  [[nodiscard]] bool utc_is_synchronised() const override;
  void sleep_for(Microseconds time) override { kernel_.sleep_for(time); }

  /// The kernel refuses to say; stays as it is for the life of the process.
  [[nodiscard]] bool must_be_told() const { return must_be_told_; }
  /// From any thread. Without effect where the kernel is asked.
  void tell_synchronised(bool yes) { told_ = yes; }

 private:
  KernelClock kernel_;
  const bool must_be_told_;
  std::atomic<bool> told_{false};
};

}  // namespace rbamp::loop
