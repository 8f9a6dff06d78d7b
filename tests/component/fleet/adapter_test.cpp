// Adapters that cannot do everything.
#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;

TEST_CASE("a bus that speaks SMBus only is refused with a way out, and nothing is sent on it") {
  HouseSettings settings;
  settings.world.buses = {{.max_transfer = 32}};
  settings.world.modules.emplace_back();
  House house{settings};
  house.start();
  house.run_for(std::chrono::seconds{30});
  const auto& bus = *house.fleet().buses().front();
  REQUIRE(bus.open_error());
  CHECK(bus.open_error()->is(Errc::bus_unsupported));
  CHECK(bus.open_error()->detail.find("SMBus-only") != std::string::npos);
  CHECK(bus.open_error()->detail.find("use an adapter with plain I2C") != std::string::npos);
  CHECK(house.world().traffic(0).transactions == 0);
}
