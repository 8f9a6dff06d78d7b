// Does exactly one module answer at an address? Two return the AND of their bits and both obey every write. Protocol 7, 13.4.
#pragma once

#include "base/result.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

/// Reads only; blocks for about 3 s. Looks for what one module cannot say: counters that jump, windows that change faster than they
/// are measured, values that no hardware delivers. Two idle modules that were switched on in the same second are not told apart:
/// a person must connect one at a time.
/// Errors: wrong_module (give_up) when there seem to be two; bus_*.
[[nodiscard]] Result<void> check_alone(const ModuleLink& module);

/// Nobody answers at `address`. Asks several times, since one missing acknowledge proves nothing.
/// Errors: request_invalid, saying who is there; bus_*.
[[nodiscard]] Result<void> check_free(fleet::BusStation& bus, I2cAddress address);

}  // namespace rbamp::commissioning
