// Clearing a module's error, and finding out whether its cause is still there. Protocol 5.3, 9.2.
#pragma once

#include "base/result.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

struct ErrorClearing {
  protocol::ErrorCode before = protocol::ErrorCode::ok;
  protocol::Events events_before;
  protocol::ErrorCode after = protocol::ErrorCode::ok;  ///< 300 ms later
  bool came_back = false;                               ///< the cause persists: REG_ERROR or the flag is set again
};

/// CLEAR_ERROR, the flag of the error, 300 ms, and another look.
/// Errors: request_invalid where clearing would hide something or do nothing: lost settings (0xFB) and CLONE; bus_*.
[[nodiscard]] Result<ErrorClearing> clear_error(const ModuleLink& module);

}  // namespace rbamp::commissioning
