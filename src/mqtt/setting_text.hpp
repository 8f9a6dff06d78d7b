// What a set topic asks for: text of a stranger to an order that makes sense for this module. Home-assistant 7 and 9.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "metering/output.hpp"

namespace rbamp::mqtt {

/// What stands in `B/<module>/set/<name>` and as key in `B/<module>/config`.
inline constexpr std::string_view over_current = "over_current";
inline constexpr std::string_view over_power = "over_power";
/// "ct0": by input, since ids of channels may hold what a template takes for an operator.
[[nodiscard]] std::string ct_setting(ChannelIndex input);

inline constexpr double greatest_over_current = 655.34;  ///< A; what the module's register holds. Protocol 9.4
inline constexpr double greatest_over_power = 65534.0;   ///< W

/// Thresholds are plain decimal numbers in A and W, rounded to the steps of the module's register, 0.01 A and 1 W; 0 switches off, and
/// what is more than 0 but no whole step is refused. A current transformer is one of the module's choice.
/// Pure. Errors: request_invalid, with words for the log that hold nothing of `text`.
[[nodiscard]] Result<metering::SettingOrder> parse_setting(const metering::ModuleDescription& module, std::string_view name,
                                                           std::string_view text);

}  // namespace rbamp::mqtt
