// Adapters that cannot do everything.
#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;

namespace {

HouseSettings with_smbus_only() {
  HouseSettings settings;
  settings.world.buses = {{.max_transfer = 32}};
  settings.world.modules.emplace_back();
  return settings;
}

}  // namespace

TEST_CASE("a bus that speaks SMBus only is refused with a way out, and nothing is sent on it") {
  House house{with_smbus_only()};
  house.start();
  house.run_for(std::chrono::seconds{30});
  const auto& bus = *house.fleet().buses().front();
  REQUIRE(bus.open_error());
  CHECK(bus.open_error()->is(Errc::bus_unsupported));
  CHECK(bus.open_error()->detail.find("SMBus-only") != std::string::npos);
  CHECK(bus.open_error()->detail.find("use an adapter with plain I2C") != std::string::npos);
  CHECK(house.world().traffic(0).transactions == 0);
}

TEST_CASE("a bus that is searched in vain counts as started, also beside one that cannot be opened after some attempts") {
  HouseSettings settings;
  settings.world.buses = {{.name = "main"}, {.name = "usb", .max_transfer = 32}};
  settings.world.modules.resize(2);
  settings.world.modules[0].bus = "main";
  settings.world.modules[1].bus = "usb";
  House house{settings};
  house.inject(simulator::FaultKind::unplug, settings.world.modules[0].address);
  house.start();
  house.run_for(std::chrono::seconds{6});
  CHECK_FALSE(house.fleet().is_searching());
  house.run_for(std::chrono::seconds{2});
  CHECK(house.fleet().is_searching());
  CHECK_FALSE(house.fleet().no_bus_opens());
  CHECK_FALSE(house.fleet().has_answer());
}

TEST_CASE("buses that cannot be opened, all of them, do not count as started") {
  House house{with_smbus_only()};
  house.start();
  house.run_for(std::chrono::seconds{30});
  CHECK_FALSE(house.fleet().is_searching());
  CHECK(house.fleet().no_bus_opens());
}
