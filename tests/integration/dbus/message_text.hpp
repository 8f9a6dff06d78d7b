// What a D-Bus message says, as text that a test can compare.
#pragma once

#include <systemd/sd-bus.h>

#include <string>

namespace rbamp::dbus {

/// The arguments: `'text', 7, true, [1, 2], {'key': 1.5}, (1, 'x')`; variants as what they hold.
[[nodiscard]] std::string text_of(sd_bus_message* message);

}  // namespace rbamp::dbus
