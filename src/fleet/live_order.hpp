// One reading of one module, as the bus's worker needs it, and what came of it.
#pragma once

#include <cstdint>
#include <optional>

#include "fleet/module_io.hpp"

namespace rbamp::fleet {

class Module;

struct LiveOrder {
  Module* module = nullptr;  ///< only to name it again
  I2cAddress address;
  Dialect dialect;
  std::optional<protocol::LiveBytes> last;  ///< what the read before gave
  Extra extra = Extra::none;
  Effort effort = Effort::timely;
  bool show = false;
  std::uint64_t plan = 0;  ///< what it belongs to
};

struct LiveAnswer {
  Module* module = nullptr;
  bool show = false;
  std::uint64_t plan = 0;
  std::optional<BootTime> edge;  ///< that it was read for
  Result<LiveRead> read;
  BootTime begun;
  Microseconds duration;
  Microseconds needed;  ///< what its transfers take on a wire of 50 kHz, those that failed too
  bool is_new = false;  ///< other bytes than the read before
};

/// Blocks for the transfers; on the worker.
[[nodiscard]] LiveAnswer carry_out(BusStation& bus, const LiveOrder& order, std::optional<BootTime> edge);

}  // namespace rbamp::fleet
