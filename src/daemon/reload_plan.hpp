// What a changed configuration means for a daemon that runs: what can be applied, and what must wait for a restart. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace rbamp::daemon {

struct ReloadPlan {
  config::Config effective;  ///< what holds afterwards: the wanted one, with what needs a restart left as it is
  bool changes_log_level = false;
  bool changes_retention = false;
  bool changes_events = false;
  bool changes_fleet = false;              ///< period, modules, latch mode, or how often live values are looked at
  bool changes_mqtt = false;               ///< [mqtt] or [homeassistant]: the connection is made anew
  std::vector<std::string> needs_restart;  ///< keys whose change is not applied

  [[nodiscard]] bool is_empty() const {
    return !changes_log_level && !changes_retention && !changes_events && !changes_fleet && !changes_mqtt &&
           needs_restart.empty();
  }
};

[[nodiscard]] ReloadPlan plan_reload(const config::Config& running, config::Config wanted);

}  // namespace rbamp::daemon
