// The simulated house of the configuration: [simulator] turned into a world, and its buses as a fleet opens them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/simulator.hpp"
#include "simulator/world.hpp"

namespace rbamp::simulator {

/// Blocks for load files and the state file. Errors: config_invalid; bus_busy (wait) when another process runs these modules.
[[nodiscard]] Result<std::unique_ptr<World>> build_house(const config::Simulator& settings, Clock& clock);

/// Opens a bus of the world; the world must outlive what the function makes.
/// Error of the function: bus_missing when the house has no module on that bus.
[[nodiscard]] std::function<Result<std::unique_ptr<bus::I2cBus>>()> open_in(World& world, std::string bus);

}  // namespace rbamp::simulator
