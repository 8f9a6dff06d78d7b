// The simulated house of the configuration: [simulator] turned into a world, and its buses as the fleet opens them.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/simulator.hpp"
#include "fleet/bus_station.hpp"
#include "simulator/world.hpp"

namespace rbamp::daemon {

/// Blocks for load files and the state file. Errors: config_invalid.
[[nodiscard]] Result<std::unique_ptr<simulator::World>> build_house(const config::Simulator& settings, Clock& clock);

/// Opens a bus of the world; the world must outlive what the factory makes.
[[nodiscard]] fleet::BusFactory open_in(simulator::World& world, std::string bus);

}  // namespace rbamp::daemon
