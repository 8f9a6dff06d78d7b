// Reading back the times that we wrote.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace rbamp::mqtt {

/// "2026-01-05T09:00:00Z", also with an offset such as "+01:00" and with fractions (dropped). nullopt without a zone or for a date
/// that does not exist. Pure.
[[nodiscard]] std::optional<UtcTime> parse_rfc3339(std::string_view text);

}  // namespace rbamp::mqtt
