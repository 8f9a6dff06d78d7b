// Which modules a configuration will announce, given what is known of the hardware. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "metering/output.hpp"

namespace rbamp::mqtt {

struct PlannedModules {
  std::map<std::string, metering::ModuleDescription> modules;  ///< by id
  std::vector<std::string> unknown;  ///< ids of configured modules that nobody has met yet: their entities depend on the hardware
};

/// `known`: modules as they were announced, by id. A configured module is found among them by its pinned UID, else by bus and
/// address, else by id. Gives the same descriptions as the fleet does once it has found the modules.
[[nodiscard]] PlannedModules plan_modules(const config::Config& config,
                                          const std::map<std::string, metering::ModuleDescription>& known);

}  // namespace rbamp::mqtt
