// Thresholds of a module: RAM only, gone with its next reset. Protocol 9.4.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "commissioning/setup.hpp"
#include "units/units.hpp"

namespace rbamp::commissioning {

/// An absent member stays as it is; an absent value inside switches that threshold off.
struct Thresholds {
  std::optional<std::optional<Amperes>> current;  ///< of the largest channel current
  std::optional<std::optional<Watts>> power;      ///< of the sum of all channels
};

/// The differences to what the module has. Reads only. Errors: request_invalid for what the register cannot hold, and for a power on a
/// module without a voltage input; bus_*, torn_read.
[[nodiscard]] Result<std::vector<SettingChange>> plan_thresholds(const ModuleLink& module, const Thresholds& wish);

/// Writes the differences, in an order that lets nothing trip on the way, and reads them back. Errors: as above; rejected.
[[nodiscard]] Result<void> set_thresholds(const ModuleLink& module, const Thresholds& wish);

}  // namespace rbamp::commissioning
