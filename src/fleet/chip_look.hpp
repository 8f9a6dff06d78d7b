// Who answers at an address, whatever it is. Reads only, so that it is safe on a bus with chips of others. Protocol 7.
#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"
#include "fleet/bus_station.hpp"
#include "protocol/identity.hpp"

namespace rbamp::fleet {

struct ChipLook {
  protocol::Chip chip;
  bool bytewise = false;  ///< its bursts do not equal its single reads (D2)
};

/// Reads VERSION with the effort `knock`; who answered that is then asked for its identity with `effort`, until two reads agree. Blocks for
/// some 10 ms.
/// Errors: bus_nack (nobody there), torn_read, bus_*. An EEPROM or a disturbed answer is no error: `chip.kind` says so.
[[nodiscard]] Result<ChipLook> look_at(BusStation& bus, I2cAddress address, Effort knock = Effort::steady,
                                       Effort effort = Effort::stubborn);

}  // namespace rbamp::fleet
