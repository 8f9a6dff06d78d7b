// How fast a module's own seconds are. Protocol 11.3: 25 to 30 % slow is normal, and harmless since they never bill.
#pragma once

#include "base/result.hpp"
#include "commissioning/finding.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

/// Watches UPTIME_S turn over four times. Reads only; blocks for 4 to 7 s. Returns the module's time over ours.
/// Errors: wrong_module when the counter jumps, as that of two modules on one address does; bus_*.
[[nodiscard]] Result<double> measure_chip_clock(const ModuleLink& module);
[[nodiscard]] Finding judge_chip_clock(double ratio, I2cAddress module);

}  // namespace rbamp::commissioning
