// The clocks, as types that cannot be subtracted from each other, and where "now" comes from.
#pragma once

#include <chrono>
#include <cstdint>

namespace rbamp {

using Microseconds = std::chrono::duration<std::int64_t, std::micro>;
using Nanoseconds = std::chrono::nanoseconds;

/// CLOCK_BOOTTIME: counts through suspend, never steps. Every interval that is billed comes from it, within one host boot.
struct BootClock {
  using duration = Microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

/// CLOCK_REALTIME in microseconds since 1970: a label on a posting, it may step.
using UtcTime = std::chrono::time_point<std::chrono::system_clock, Microseconds>;

/// CLOCK_MONOTONIC, only for the kernel's GPIO edge stamps.
struct EdgeClock {
  using duration = Nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<EdgeClock>;
  static constexpr bool is_steady = true;
};
using EdgeTime = EdgeClock::time_point;

/// Where "now" comes from. Implementations are safe to call from any thread and never block.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual BootTime boot_now() const = 0;
  [[nodiscard]] virtual UtcTime utc_now() const = 0;
  /// True when the kernel says that UTC is disciplined (no STA_UNSYNC). A host without a battery clock boots with false.
  [[nodiscard]] virtual bool utc_is_synchronised() const = 0;
  /// Blocks the calling worker; never called on the loop thread. A manual clock moves itself instead.
  virtual void sleep_for(Microseconds time) = 0;
};

/// The kernel's clocks.
class KernelClock final : public Clock {
 public:
  [[nodiscard]] BootTime boot_now() const override;
  [[nodiscard]] UtcTime utc_now() const override;
  [[nodiscard]] bool utc_is_synchronised() const override;
  void sleep_for(Microseconds time) override;
};

/// A clock that is moved by hand: virtual time in tests, benchmarks and simulated years. For one thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcTime start = UtcTime{std::chrono::seconds{1767225600}}) : utc_offset_(start.time_since_epoch()) {}

  [[nodiscard]] BootTime boot_now() const override { return now_; }
  [[nodiscard]] UtcTime utc_now() const override { return UtcTime{now_.time_since_epoch() + utc_offset_}; }
  [[nodiscard]] bool utc_is_synchronised() const override { return synchronised_; }
  void sleep_for(Microseconds time) override { now_ += time; }

  void advance(Microseconds time) { now_ += time; }
  void advance_to(BootTime when) {
    if (when > now_) now_ = when;
  }
  /// Steps UTC as an administrator or NTP would; BOOTTIME does not move.
  void step_utc(Microseconds by) { utc_offset_ += by; }
  void set_synchronised(bool yes) { synchronised_ = yes; }

 private:
  BootTime now_{Microseconds{1'000'000}};
  Microseconds utc_offset_;
  bool synchronised_ = true;
};

}  // namespace rbamp
