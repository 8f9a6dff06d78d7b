// Who is on a bus: all 112 addresses that a module may have, by reads alone. Protocol 7, 14.1.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fleet/chip_look.hpp"
#include "protocol/error_code.hpp"

namespace rbamp::commissioning {

/// Somebody at an address.
struct Answer {
  I2cAddress address;
  std::optional<fleet::ChipLook> look;         ///< absent: it answered, but could not be read; `error` says why
  std::optional<protocol::ErrorCode> problem;  ///< of an rbAmp: REG_ERROR, ok included
  bool is_new = false;                         ///< an rbAmp that nobody has set up yet, or that lost its settings
  std::optional<Error> error;

  [[nodiscard]] bool is_module() const { return look && look->chip.kind == protocol::ChipKind::rbamp; }
};

struct BusScan {
  std::vector<Answer> answers;  ///< by address; who is silent is left out
  unsigned asked = 0;           ///< addresses
  Microseconds took{};
};

/// Blocks for about 0.1 s at 100 kHz when nobody answers, and 15 ms for each that does. An address that is silent is asked three
/// times, in three rounds: one missing acknowledge must not hide a module.
/// Errors: bus_timeout (give_up) when the bus is stuck, high or low; bus_missing, bus_permission and bus_io when it cannot be used.
[[nodiscard]] Result<BusScan> scan_bus(fleet::BusStation& bus);

}  // namespace rbamp::commissioning
