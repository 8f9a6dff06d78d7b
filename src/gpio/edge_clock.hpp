// The clock of the kernel's edge stamps.
#pragma once

#include "base/clock.hpp"

namespace rbamp::gpio {

/// CLOCK_BOOTTIME minus CLOCK_MONOTONIC: the time this boot has been suspended.
[[nodiscard]] Nanoseconds boot_minus_monotonic();

}  // namespace rbamp::gpio
