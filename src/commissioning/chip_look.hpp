// Who answers at an address, whatever it is. Reads only, so that it is safe on a bus with chips of others. Protocol 7.
#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"
#include "fleet/bus_station.hpp"
#include "protocol/identity.hpp"

namespace rbamp::commissioning {

struct ChipLook {
  protocol::Chip chip;
  bool bytewise = false;  ///< an rbAmp whose bursts do not equal its single reads (D2)
};

/// Reads VERSION with `effort`; who answered that is then asked stubbornly for its identity, until two reads agree. Blocks for some 10 ms.
/// Errors: bus_nack (nobody there), torn_read, bus_*. An EEPROM or a disturbed answer is no error: `chip.kind` says so.
[[nodiscard]] Result<ChipLook> look_at(fleet::BusStation& bus, I2cAddress address, fleet::Effort effort = fleet::Effort::steady);

/// "module 0x50 on bus \"main\""
[[nodiscard]] std::string name_of(const fleet::BusStation& bus, I2cAddress address);

}  // namespace rbamp::commissioning
