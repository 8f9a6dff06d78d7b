// Where a module is on the bus.
#pragma once

#include <string>
#include <string_view>

namespace rbamp::dbus {

inline constexpr const char* bus_name = "org.rbampd1";
inline constexpr const char* manager_path = "/org/rbampd1";

/// "/org/rbampd1/module/heat_pump", and "/org/rbampd1/module/pv_2droof" for "pv-roof". Object paths know letters, digits and '_' only:
/// every other byte becomes '_' and two hex digits, and so does a '_' that two such digits follow.
[[nodiscard]] std::string module_path(std::string_view module_id);

}  // namespace rbamp::dbus
