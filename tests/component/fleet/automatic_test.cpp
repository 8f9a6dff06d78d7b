// Modules that a scan finds: a place belongs to its chip, at whatever address it answers.
#include <algorithm>

#include "protocol/address_change.hpp"
#include "simulator/house.hpp"
#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};

HouseSettings scanned() {
  auto settings = one_kilowatt(first);
  settings.is_automatic = true;
  return settings;
}

/// As rbampctl does it: stored, the period closed, restarted.
void move_module(House& house, I2cAddress from, I2cAddress to) {
  const auto bus = simulator::open_in(house.world(), "main")().value();
  const auto send = [&](protocol::RegisterWrite write) {
    const std::array<std::uint8_t, 2> bytes{write.reg, write.value};
    REQUIRE(bus->write(from, bytes));
  };
  const auto writes = protocol::address_change_writes(to).value();
  for (const auto& write : writes) send(write);
  house.run_for(seconds{1});
  house.fleet().latch_now();
  house.run_for(seconds{2});
  send(protocol::command_write(protocol::Command::reset));
}

}  // namespace

TEST_CASE("a module that a scan found goes on in its place when it moves to another address") {
  House house{scanned()};
  house.start();
  house.run_for(minutes{10} + seconds{20});
  const auto places = house.ledger().places();
  REQUIRE(places.size() == 1);
  const auto restarts = house.ledger().resets;
  move_module(house, first, I2cAddress{0x33});
  house.run_for(minutes{10});
  CHECK(house.ledger().places() == places);
  CHECK(house.fleet().modules_online() == 1);
  CHECK(house.fleet().problem().empty());
  // What the module averages after its restart is not lost with the old address, only the moments around the restart are.
  const auto booked = house.ledger().registers(places.front(), "ch0").energy_import.to_watt_hours().value();
  CHECK(booked > 1000.0 * 19.0 / 60.0);
  CHECK(house.ledger().resets == restarts + 1);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("another chip at an address that a scan found is another module") {
  House house{scanned()};
  house.start();
  house.run_for(minutes{10} + seconds{20});
  const auto place = house.ledger().places().at(0);
  const auto before = house.ledger().registers(place, "ch0").energy_import;
  house.inject(simulator::FaultKind::replace_chip, first);
  house.run_for(minutes{20});
  const auto places = house.ledger().places();
  REQUIRE(places.size() == 2);
  CHECK(house.ledger().registers(place, "ch0").energy_import == before);
  const auto& other = places[0] == place ? places[1] : places[0];
  CHECK(house.ledger().registers(other, "ch0").energy_import.to_watt_hours().value() > 1000.0 * 15.0 / 60.0);
  CHECK(house.fleet().modules_online() == 1);
  CHECK(house.fleet().problem() == "not reachable: " + place);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("of two modules with one UID that a scan finds one is metered, and the other is told of once") {
  auto settings = scanned();
  settings.world.modules.front().uid = *ModuleUid::parse("0102030405060708090a0b0c");
  settings.world.modules.push_back(settings.world.modules.front());
  settings.world.modules.back().address = I2cAddress{0x33};
  House house{settings};
  house.start();
  house.run_for(minutes{20});
  CHECK(house.ledger().places().size() == 1);
  const auto told = house.log().entries();
  CHECK(std::count_if(told.begin(), told.end(), [](const auto& record) {
          return record.message.find("which is metered at 0x33") != std::string::npos;
        }) == 1);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("two chips whose UIDs end in the same digits keep their places, whichever a later start finds first") {
  auto settings = scanned();
  const I2cAddress second{0x33};
  settings.world.modules.front().uid = *ModuleUid::parse("0102030405060708090a0b0c");
  settings.world.modules.push_back(settings.world.modules.front());
  settings.world.modules.back().address = second;
  settings.world.modules.back().uid = *ModuleUid::parse("ff02030405060708090a0b0c");
  House house{settings};
  house.start();
  house.run_for(minutes{10});
  const auto places = house.ledger().places();
  REQUIRE(places.size() == 2);
  house.kill();
  // The scan begins at the lower address, which had the short name. It is away now.
  house.inject(simulator::FaultKind::unplug, second, minutes{5});
  house.start();
  house.run_for(minutes{20});
  CHECK(house.ledger().places() == places);
  CHECK(house.fleet().modules_online() == 2);
  for (const auto& place : places) {
    INFO(place);
    for (const auto& line : house.ledger().closings(place)) CHECK(line.reason != metering::Reason::meter_changed);
  }
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a module that a scan found goes on in its place when it is carried to another bus, and back") {
  auto settings = scanned();
  settings.world.buses = {{.name = "main"}, {.name = "usb"}};
  settings.world.modules.front().uid = *ModuleUid::parse("0102030405060708090a0b0c");
  settings.world.modules.push_back(settings.world.modules.front());
  settings.world.modules.back().bus = "usb";
  // The one chip, which keeps its supply on the way.
  const auto silent = [&](const char* bus, Microseconds from, Microseconds until) {
    simulator::Fault fault;
    fault.kind = simulator::FaultKind::nack_address;
    fault.bus = bus;
    fault.at = from;
    fault.lasting = until - from;
    fault.value = 1.0;
    settings.world.faults.push_back(fault);
  };
  silent("usb", minutes{0}, minutes{10});
  silent("main", minutes{10}, minutes{70});
  silent("usb", minutes{70}, minutes{200});
  House house{settings};
  house.start();
  house.run_for(minutes{130});
  CHECK(house.ledger().places().size() == 1);
  CHECK(house.fleet().modules_online() == 1);
  CHECK(house.fleet().problem().empty());
  const auto place = house.ledger().places().at(0);
  CHECK(house.output().is_reachable.at(place));
  CHECK(house.ledger().registers(place, "ch0").energy_import.to_watt_hours().value() > 1000.0 * 127.0 / 60.0);
  CHECK(house.ledger().registers(place, "ch0").energy_import.to_watt_hours().value() < 1000.0 * 130.5 / 60.0);
  CHECK(house.ledger().violations.empty());
}
