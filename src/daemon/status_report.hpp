// "Is all well?": one snapshot of everything, for D-Bus and rbampctl status. Loop thread.
#pragma once

#include <optional>

#include "config/config.hpp"
#include "daemon/bookkeeper.hpp"
#include "daemon/mqtt_output.hpp"
#include "dbus/status.hpp"
#include "fleet/fleet.hpp"
#include "storage/ledger.hpp"

namespace rbamp::daemon {

struct StatusSources {
  const config::Config& config;
  const fleet::Fleet& fleet;
  const Bookkeeper& bookkeeper;
  const MqttOutput& mqtt;
  const Clock& clock;
  UtcTime started;
  std::string problem;                    ///< as told to the other outputs
  std::optional<storage::Health> ledger;  ///< as last asked for; none: not yet
};

[[nodiscard]] dbus::Status status_report(const StatusSources& from);

}  // namespace rbamp::daemon
