// Modules whose every window counts, with loads that change all the time, and what is counted of their windows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "support/house.hpp"

namespace rbamp::support {

inline constexpr I2cAddress first_grid_module{0x50};

/// At consecutive addresses from first_grid_module on.
[[nodiscard]] inline HouseSettings grid_modules(std::uint8_t count) {
  HouseSettings settings;
  settings.role = metering::Role::grid;
  for (std::uint8_t i = 0; i < count; ++i) {
    simulator::LoadSettings load;
    load.shape = simulator::LoadSettings::Shape::solar_day;
    load.power_w = -3000.0;
    load.offset_w = 300.0;
    simulator::ModuleSettings module;
    module.address = I2cAddress{static_cast<std::uint8_t>(first_grid_module.value() + i)};
    module.uptime = std::chrono::hours{1};
    module.channels.push_back({{load}});
    settings.world.modules.push_back(module);
  }
  settings.world.time_of_day = std::chrono::hours{10};
  return settings;
}

[[nodiscard]] inline fleet::BusFleet& bus_of(House& house) { return *house.fleet().find_bus("main"); }
[[nodiscard]] inline std::uint64_t transactions(House& house) { return bus_of(house).station().counters().transactions.load(); }

/// Records of that level with these words.
[[nodiscard]] inline std::size_t told(House& house, log::Level level, std::string_view words) {
  const auto entries = house.log().entries();
  return static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), [&](const auto& entry) {
    return entry.level == level && entry.message.find(words) != std::string::npos;
  }));
}

}  // namespace rbamp::support
