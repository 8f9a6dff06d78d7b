// How sure the export of a period is, from the windows that the fleet reads to what MQTT says.
#include <nlohmann/json.hpp>

#include "told_house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress roof{0x50};

/// Delivers 3 kW all day, on a module whose average knows no export: each of it comes from live windows.
HouseSettings solar_roof() {
  simulator::LoadSettings load;
  load.power_w = -3000.0;
  simulator::ModuleSettings module;
  module.address = roof;
  module.uptime = hours{1};
  module.channels.push_back({{load}});
  HouseSettings settings;
  settings.world.modules.push_back(module);
  settings.role = metering::Role::solar;
  return settings;
}

/// The newest period that the broker got.
nlohmann::json newest_period(ToldHouse& world) {
  const auto payloads = world.broker().payloads("rbamp/" + House::place(roof) + "/ch0/period");
  REQUIRE_FALSE(payloads.empty());
  INFO(payloads.back());
  return nlohmann::json::parse(payloads.back());
}

}  // namespace

TEST_CASE("a period says that its export is estimated when windows were missed, and measured when none was") {
  ToldHouse world{solar_roof()};
  auto& house = world.house();
  world.start();
  house.run_for(minutes{3} + seconds{10});
  CHECK(newest_period(world).at("export_quality") == "measured");

  auto& bus = *house.fleet().find_bus("main");
  bus.lend(true);  // live values pause
  house.run_for(seconds{20});
  bus.lend(false);
  house.run_for(seconds{40});
  const auto missed = newest_period(world);
  CHECK(missed.at("export_quality") == "estimated");
  CHECK(missed.at("quality") == "measured");  // the average counts on, and import is what it says
  CHECK(missed.at("export_wh").get<double>() == Approx(50.0).epsilon(0.02));

  house.run_for(minutes{1});
  CHECK(newest_period(world).at("export_quality") == "measured");
}
