// When periods end: on multiples of the period in local time. Pure.
#pragma once

#include <functional>

#include "base/clock.hpp"

namespace rbamp::metering {

/// Local minus UTC at an instant.
using ZoneOffset = std::function<std::chrono::seconds(UtcTime)>;

/// The first multiple of `period` in local time that is later than `now` + `margin`. A period of one hour in a zone with a
/// half-hour offset ends at the local full hour. When the offset changes in between, the result is a multiple by the new one.
[[nodiscard]] UtcTime next_boundary(UtcTime now, Microseconds period, Microseconds margin, const ZoneOffset& offset);

/// The boundary on the boot clock: what a timer is set to.
[[nodiscard]] inline BootTime to_boot_time(UtcTime boundary, BootTime boot_now, UtcTime utc_now) {
  return boot_now + (boundary - utc_now);
}

}  // namespace rbamp::metering
