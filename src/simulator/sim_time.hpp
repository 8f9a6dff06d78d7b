// The simulator's own time: nanoseconds since the world began. Everything that happens in it is a function of this.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace rbamp::simulator {

/// Nanoseconds, because 1 / 5.02 s is no whole number of microseconds; int64 holds 292 years. Negative: before the world began.
using SimTime = std::chrono::nanoseconds;

inline constexpr SimTime never = SimTime::max();

[[nodiscard]] constexpr double in_seconds(SimTime time) { return static_cast<double>(time.count()) * 1e-9; }
[[nodiscard]] constexpr double in_milliseconds(SimTime time) { return static_cast<double>(time.count()) * 1e-6; }

/// How often `step` fits below `time`, rounded towards minus infinity.
[[nodiscard]] constexpr std::int64_t floor_divide(SimTime time, SimTime step) {
  const auto quotient = time.count() / step.count();
  return time.count() % step.count() < 0 ? quotient - 1 : quotient;
}

/// Position within a repeating `step`, in [0, step).
[[nodiscard]] constexpr SimTime phase_of(SimTime time, SimTime step) { return time - step * floor_divide(time, step); }

}  // namespace rbamp::simulator
