// One period of a module that nobody meters, closed by hand: does it measure, and what would be booked? Protocol 10.2, 11.
#pragma once

#include <array>
#include <optional>

#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "protocol/snapshot.hpp"
#include "units/units.hpp"

namespace rbamp::commissioning {

struct TrialPeriod {
  Microseconds length{};                                             ///< by our clock, from latch to latch
  protocol::Snapshot snapshot;                                       ///< as the module froze it
  std::array<std::optional<WattHours>, max_channels> energy_import;  ///< mean power times length; absent without voltage
  double chip_ratio = 0.0;                                           ///< chip time over ours; 0.70 to 1.05 is healthy
};

/// A primer latch, `length`, and a second latch. Only for modules that no ledger meters: a latch takes the running period away from whoever
/// does. Blocks for `length` and some 0.2 s.
/// Errors: request_invalid for a variant without voltage, which measures no power; not_ready when the module closes no period;
/// wrong_module when it restarted meanwhile; bus_*, torn_read.
[[nodiscard]] Result<TrialPeriod> try_period(const ModuleLink& module, Microseconds length);

}  // namespace rbamp::commissioning
