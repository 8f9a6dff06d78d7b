// What an errno of an I2C adapter means: the code, what the caller does next, and what a person does. Protocol 3.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace rbamp::bus {

/// Failure of a transfer. `what` names it: "module 0x50, read of 28 bytes at 0x54".
[[nodiscard]] Error transfer_error(int error_number, std::string_view device, std::string_view what);

/// Failure to open or to ask for I2C_FUNCS. `existing` are the devices there are, to suggest one.
[[nodiscard]] Error open_error(int error_number, std::string_view device, const std::vector<std::string>& existing);

/// An adapter without plain I2C: refused, see docs/decisions/bus-smbus-only.md.
[[nodiscard]] Error smbus_only_error(const std::string& adapter);

/// "ENXIO", or "error 4711" for a number the C library does not know.
[[nodiscard]] std::string errno_name(int error_number);

}  // namespace rbamp::bus
