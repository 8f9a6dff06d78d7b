// The smallest house: one module that has been up for an hour, with a constant load of a kilowatt.
#pragma once

#include "support/house.hpp"

namespace rbamp::support {

[[nodiscard]] inline HouseSettings one_kilowatt(I2cAddress address) {
  simulator::LoadSettings load;
  load.power_w = 1000.0;
  simulator::ModuleSettings module;
  module.address = address;
  module.uptime = std::chrono::hours{1};
  module.channels.push_back({{load}});
  HouseSettings settings;
  settings.world.modules.push_back(module);
  return settings;
}

}  // namespace rbamp::support
