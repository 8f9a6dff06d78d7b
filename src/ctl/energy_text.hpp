// Energies as people read and write them. Exact: no floating point between the text and the micro-watt-hour.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "units/units.hpp"

namespace rbamp::ctl {

enum class EnergyUnit { wh, kwh };
[[nodiscard]] std::string to_string(EnergyUnit unit);

/// "12.346": three decimals, rounded half away from zero; "-0.000" is "0.000".
[[nodiscard]] std::string rounded(MicroWattHours energy, EnergyUnit unit);
/// "16.000013": Wh with all its digits, without trailing zeros; "0" for nothing.
[[nodiscard]] std::string to_exact_wh(MicroWattHours energy);
/// "12.345678" kWh with up to nine decimals, without trailing zeros.
[[nodiscard]] std::string to_exact_kwh(MicroWattHours energy);

/// Wh as the nearest number that a double holds: what JSON shows has the ledger's digits.
[[nodiscard]] constexpr double wh_number(MicroWattHours energy) { return static_cast<double>(energy.value()) / 1e6; }

/// "1234.5", "-0.25", "+3": Wh with at most six decimals. Error request_invalid, which says what is wrong with `text`.
[[nodiscard]] Result<MicroWattHours> parse_wh(std::string_view text);
/// The same in kWh, with at most nine decimals.
[[nodiscard]] Result<MicroWattHours> parse_kwh(std::string_view text);

}  // namespace rbamp::ctl
