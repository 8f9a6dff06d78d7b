// A configuration that asks for more readings than the bus carries.
#include <algorithm>

#include "grid_modules.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// On a bus of 50 kHz, where a reading takes 10.7 ms.
HouseSettings slow_bus_with(std::uint8_t count) {
  auto settings = grid_modules(count);
  settings.world.buses = {{.speed_hz = 50'000}};
  return settings;
}

/// Of `count` modules these are read at every window, and the others each second.
HouseSettings mixed(std::uint8_t count, std::uint8_t every_window) {
  auto settings = slow_bus_with(count);
  settings.role = metering::Role::load;
  settings.show_every = seconds{1};
  for (std::uint8_t i = 0; i < every_window; ++i) {
    const auto address = settings.world.modules[i].address;
    settings.channels[address] = {{ChannelIndex{0}, "house", "House", true}};
  }
  return settings;
}

std::size_t warnings(House& house) { return told(house, log::Level::warning, "cannot carry"); }

fleet::BusFleet::Change all_of_role(House& house, metering::Role role) {
  fleet::BusFleet::Change change;
  for (const auto& module : bus_of(house).modules())
    change.assignments.push_back({module->address(), module->id(), module->assignment().name, role, {}, {}});
  return change;
}

}  // namespace

TEST_CASE("sixteen modules at every window are what a bus of 50 kHz carries, and no warning is given") {
  House house{slow_bus_with(16)};
  house.start();
  house.run_for(minutes{5});
  CHECK(warnings(house) == 0);
  CHECK(bus_of(house).overload().empty());
}

TEST_CASE("a bus that cannot carry its modules is told once after the start, with what is done, whoever comes and goes") {
  House house{slow_bus_with(20)};
  house.start();
  house.run_for(seconds{20});
  CHECK(warnings(house) == 1);
  CHECK(house.log().contains("20 modules are to be read every 200 ms, which takes 2"));
  CHECK(bus_of(house).overload().find("read as often as possible") != std::string::npos);
  for (std::uint8_t i = 0; i < 3; ++i) {
    house.inject(simulator::FaultKind::unplug, I2cAddress{static_cast<std::uint8_t>(0x51 + i)}, seconds{40});
    house.run_for(minutes{2});
    CHECK(house.output().is_reachable[House::place(I2cAddress{static_cast<std::uint8_t>(0x51 + i)})]);
  }
  CHECK(warnings(house) == 1);
  CHECK(bus_of(house).overload().find("20 modules") != std::string::npos);
}

TEST_CASE("a bus that carries its modules again is told, and one that does not anew") {
  House house{slow_bus_with(20)};
  house.start();
  house.run_for(seconds{130});
  REQUIRE(warnings(house) == 1);
  (void)bus_of(house).reconfigure(all_of_role(house, metering::Role::load));
  auto shown = all_of_role(house, metering::Role::load);
  shown.show_every = seconds{1};
  (void)bus_of(house).reconfigure(shown);
  house.run_for(minutes{1});
  CHECK(told(house, log::Level::info, "carries again") == 1);
  CHECK(bus_of(house).overload().empty());
  (void)bus_of(house).reconfigure(all_of_role(house, metering::Role::grid));
  house.run_for(minutes{1});
  CHECK(warnings(house) == 2);
}

TEST_CASE("modules that are read each second count with a fifth of what those at every window take") {
  SECTION("fourteen at every window are carried") {
    House house{mixed(14, 14)};
    house.start();
    house.run_for(minutes{3});
    CHECK(warnings(house) == 0);
  }
  SECTION("with twenty more each second they are not") {
    House house{mixed(34, 14)};
    house.start();
    house.run_for(minutes{3});
    CHECK(warnings(house) == 1);
    CHECK(house.log().contains("14 modules are to be read every 200 ms and 20 each every 1000 ms"));
  }
  SECTION("twenty that are read each second alone are carried") {
    House house{mixed(20, 0)};
    house.start();
    house.run_for(minutes{3});
    CHECK(warnings(house) == 0);
  }
}
