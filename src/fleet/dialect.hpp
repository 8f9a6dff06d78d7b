// How a module likes to be read.
#pragma once

#include "protocol/variant.hpp"

namespace rbamp::fleet {

struct Dialect {
  protocol::Variant variant = protocol::Variant::ui1;
  protocol::FirmwareTier tier;
  bool bytewise = false;  ///< its bursts do not equal its single reads (D2)
};

}  // namespace rbamp::fleet
