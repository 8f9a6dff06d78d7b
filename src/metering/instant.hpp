// A moment that can be compared within one host boot, with a UTC label.
#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace rbamp::metering {

struct Instant {
  BootId boot;                  ///< which host boot `at` belongs to
  BootTime at{};                ///< CLOCK_BOOTTIME
  UtcTime utc{};                ///< label; may be corrected later
  bool utc_is_trusted = false;  ///< the clock was synchronised when the label was taken

  [[nodiscard]] bool same_boot_as(const Instant& other) const { return boot.is_known() && boot == other.boot; }
};

/// Half open: [begin, end). `length` is what is billed: the difference of the boot clocks within one host boot,
/// otherwise what the restart decision (protocol 12.3) found.
struct Period {
  Instant begin;
  Instant end;
  Microseconds length{};
};

}  // namespace rbamp::metering
