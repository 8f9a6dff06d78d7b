// What a configuration would do to the entities in Home Assistant, against what rbampd announced last.
#pragma once

#include "ctl/context.hpp"

namespace rbamp::ctl {

/// Reads the ledger and the configuration (--config) only: needs no daemon and no broker. Exit status 1 when entities, settings or
/// history would be lost.
[[nodiscard]] int print_homeassistant_diff(Context& context);

}  // namespace rbamp::ctl
