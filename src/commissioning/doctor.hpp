// Looks a bus and its modules over, and says what is wrong and what to do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "commissioning/finding.hpp"
#include "commissioning/setup.hpp"
#include "commissioning/wiring.hpp"
#include "config/fleet.hpp"

namespace rbamp::commissioning {

struct DoctorOrder {
  std::vector<I2cAddress> only;            ///< empty: every module on the bus
  std::vector<config::Module> configured;  ///< on this bus
  unsigned reads = 200;                    ///< per module, for the rate of failures
  bool measures_speed = true;              ///< false where transfers take a way round
  bool may_write = false;                  ///< capture a wave form of each module, for clipping
  bool may_latch = false;                  ///< and send a latch for all: only when no ledger meters these modules
  std::optional<Watts> load;               ///< see WiringContext
};

/// Blocks for some 10 s per module. Writes nothing unless `may_write`. A module that cannot be read is a finding, not an error.
/// Errors: those of scan_bus.
[[nodiscard]] Result<Findings> examine(fleet::BusStation& bus, const DoctorOrder& order, const Progress& progress);

}  // namespace rbamp::commissioning
