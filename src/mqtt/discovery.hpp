// What Home Assistant is told about the daemon and each module. Pure text. Home-assistant 3, 4, 9 and 12.
#pragma once

#include <string>
#include <string_view>

#include "metering/output.hpp"
#include "mqtt/device_document.hpp"
#include "mqtt/topics.hpp"

namespace rbamp::mqtt {

/// Shown in Home Assistant's log with every complaint about a message of ours.
struct Origin {
  std::string software_version;
  std::string support_url = "https://example.org/rbampd";
};

/// The bridge: every other device hangs on it, so its message goes first.
[[nodiscard]] DeviceDocument describe_daemon(const Topics& topics, const Origin& origin);

/// One module with the components that its variant really has: without a voltage input only currents and diagnostics.
[[nodiscard]] DeviceDocument describe_module(const Topics& topics, const Origin& origin,
                                             const metering::ModuleDescription& module);

}  // namespace rbamp::mqtt
