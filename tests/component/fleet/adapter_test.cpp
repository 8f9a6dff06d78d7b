// Adapters that cannot do everything.
#include <algorithm>
#include <cerrno>
#include <cmath>

#include "log/message_ids.hpp"
#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"

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

TEST_CASE("an adapter that carries no whole block is read in pieces, with the same energy and whole windows") {
  const I2cAddress address{0x50};
  auto settings = one_kilowatt(address);
  settings.role = metering::Role::grid;  // every window counts
  settings.show_every = std::chrono::seconds{1};
  settings.world.buses = {{.max_transfer = 40}};
  House house{settings};
  house.start();
  house.run_for(std::chrono::minutes{5});
  house.stop();
  const auto closings = house.ledger().closings(House::place(address));
  REQUIRE(closings.size() >= 4);
  for (const auto& closing : closings) {
    CHECK(closing.quality == metering::Quality::measured);
    const double expected = 1000.0 * std::chrono::duration<double, std::ratio<3600>>{closing.span.length}.count();
    CHECK(std::abs(closing.postings.front().energy_import.to_watt_hours().value() - expected) < 0.001 * expected);
  }
  CHECK_FALSE(house.output().readings.empty());
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a module that answers and cannot be read is told once, with what the adapter says") {
  const I2cAddress address{0x50};
  auto settings = one_kilowatt(address);
  simulator::Fault fault;
  fault.kind = simulator::FaultKind::adapter_error;
  fault.code = EIO;
  fault.lasting = std::chrono::minutes{10};
  settings.world.faults.push_back(fault);
  House house{settings};
  house.start();
  house.run_for(std::chrono::minutes{9});
  const auto entries = house.log().entries();
  CHECK(std::count_if(entries.begin(), entries.end(),
                      [](const auto& entry) { return entry.message.find("cannot be identified") != std::string::npos; }) == 1);
  house.run_for(std::chrono::minutes{5});
  CHECK_FALSE(house.ledger().closings(House::place(address)).empty());
}

TEST_CASE("an adapter that goes while no module answers is opened again, and the module is metered when both are back") {
  const I2cAddress address{0x50};
  House house{one_kilowatt(address)};
  house.start();
  house.run_for(std::chrono::minutes{3});
  house.inject(simulator::FaultKind::unplug, address, std::chrono::minutes{4});
  house.run_for(std::chrono::minutes{2});
  REQUIRE(house.fleet().modules_online() == 0);
  simulator::Fault gone;
  gone.kind = simulator::FaultKind::adapter_error;
  gone.code = ENODEV;
  gone.lasting = std::chrono::minutes{1};
  house.world().inject_now(gone);
  house.run_for(std::chrono::seconds{50});
  const auto losses = house.log().count_id(log::message_id::bus_lost);
  CHECK(losses >= 1);
  CHECK(losses <= 6);  // this adapter can be opened, and is gone again at the first transfer
  house.run_for(std::chrono::minutes{5});
  CHECK(house.log().count_id(log::message_id::bus_lost) == losses);
  CHECK(house.fleet().modules_online() == 1);
  CHECK(house.fleet().problem().empty());
  CHECK(house.ledger().violations.empty());
}
