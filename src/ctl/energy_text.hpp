// Energies as people read and write them. Exact: no floating point between the text and the micro-watt-hour.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "units/units.hpp"

namespace rbamp::ctl {

/// "12.346": kWh with three decimals, rounded half away from zero; "-0.000" is "0.000".
[[nodiscard]] std::string to_kwh(MicroWattHours energy);
/// "16.000013": Wh with all its digits, without trailing zeros; "0" for nothing.
[[nodiscard]] std::string to_exact_wh(MicroWattHours energy);
/// "12.345678" kWh with up to nine decimals, without trailing zeros.
[[nodiscard]] std::string to_exact_kwh(MicroWattHours energy);

/// "1234.5", "-0.25", "+3": Wh with at most six decimals. Error request_invalid, which says what is wrong with `text`.
[[nodiscard]] Result<MicroWattHours> parse_wh(std::string_view text);
/// The same in kWh, with at most nine decimals.
[[nodiscard]] Result<MicroWattHours> parse_kwh(std::string_view text);

}  // namespace rbamp::ctl
