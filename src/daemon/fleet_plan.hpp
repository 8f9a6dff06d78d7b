// The configuration in the words of the parts: buses and modules for the fleet, the level for the log. Pure.
#pragma once

#include "config/config.hpp"
#include "fleet/fleet.hpp"
#include "log/logger.hpp"

namespace rbamp::daemon {

/// One bus with its modules, without its DRDY line, which needs a loop to wait on.
[[nodiscard]] fleet::BusFleet::Settings bus_settings(const config::Config& config, const config::Bus& bus);

/// What may change while the fleet runs: the period, and of every bus its modules, its way of latching, and how often somebody looks.
[[nodiscard]] fleet::Fleet::Change fleet_change(const config::Config& config);

[[nodiscard]] log::Level log_level(const config::Daemon& daemon);

}  // namespace rbamp::daemon
