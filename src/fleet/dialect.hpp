// How a module likes to be read.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/variant.hpp"

namespace rbamp::fleet {

struct Dialect {
  protocol::Variant variant = protocol::Variant::ui1;
  protocol::FirmwareTier tier;
  bool bytewise = false;                          ///< its bursts do not equal its single reads (D2)
  std::optional<std::uint8_t> export_register{};  ///< read with each snapshot
};

}  // namespace rbamp::fleet
