// Durations as people write them: "200ms", "60s", "15m", "1h", "90d", "2w", "5y".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace rbamp::config {

/// A whole number and a unit without a blank; a year is 365 days. nullopt for anything else and for more than 292,000 years.
[[nodiscard]] std::optional<Microseconds> parse_duration(std::string_view text);

/// The shortest form that parse_duration reads back: "90s", "1h", "0s". Whole milliseconds only; the rest is cut off.
[[nodiscard]] std::string duration_to_string(Microseconds duration);

}  // namespace rbamp::config
