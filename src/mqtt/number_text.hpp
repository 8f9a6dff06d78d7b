// Numbers as they go on the wire: plain decimals with a fixed number of places. Never an exponent, NaN, infinity or negative zero,
// because Home Assistant stores and shows what it gets letter by letter (home-assistant 8).
#pragma once

#include <cstdint>
#include <string>

#include "units/units.hpp"

namespace rbamp::mqtt {

/// Rounded to the nearest. "null" for what is not finite or beyond 1e9, which no meter of this kind can mean.
[[nodiscard]] std::string decimal_or_null(double value, int places);

/// A register as whole watt-hours, rounded down, so that what is shown is never more than what is booked.
[[nodiscard]] std::int64_t whole_watt_hours(MicroWattHours energy);
/// Watt-hours as kWh with three places: 1234567 is "1234.567".
[[nodiscard]] std::string kwh_text(std::int64_t watt_hours);
/// A single period exactly, in Wh with six places: the lines of a month add up to the register to the last digit.
[[nodiscard]] std::string wh_text(MicroWattHours energy);

}  // namespace rbamp::mqtt
