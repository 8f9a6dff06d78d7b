// Modules that are not what they should be: without bursts, without parameters, damaged, cloned, or with fewer inputs than expected.
#include <algorithm>

#include "support/catch.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress address{0x50};

simulator::Fault error_state(std::uint8_t code, Microseconds at) {
  simulator::Fault fault;
  fault.kind = simulator::FaultKind::error_state;
  fault.module = address;
  fault.code = code;
  fault.at = at;
  return fault;
}

}  // namespace

TEST_CASE("a module whose bursts repeat their first register is identified by single reads, as what it is") {
  auto settings = one_kilowatt(address);
  auto& module = settings.world.modules.front();
  module.variant = simulator::Variant::ui2;
  module.label = "boiler";
  module.quirks.bursts_repeat = true;
  module.uid = ModuleUid{{0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C}};
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  const auto& found = *house.fleet().buses().front()->modules().front();
  CHECK(found.uid() == *module.uid);
  CHECK(found.dialect().variant == protocol::Variant::ui2);
  CHECK(found.dialect().bytewise);
  const auto closings = house.ledger().closings(House::place(address));
  REQUIRE(closings.size() >= 3);
  CHECK(closings.back().quality == Quality::measured);
  CHECK(closings.back().postings.size() == 2);
}

TEST_CASE("what a module measures that starts with damaged linearisation is marked, until it starts sound") {
  auto settings = one_kilowatt(address);
  settings.world.faults.push_back(error_state(0xFA, seconds{0}));
  House house{settings};
  house.start();
  house.run_for(minutes{6});
  for (const auto& line : house.ledger().closings(House::place(address))) {
    CHECK(line.quality == Quality::estimated);
    CHECK(line.reason == Reason::damaged_module);
    CHECK(line.note.find("0xFA") != std::string::npos);
  }
  house.inject(simulator::FaultKind::power_cycle, address);
  house.run_for(minutes{5});
  CHECK(house.ledger().closings(House::place(address)).back().quality == Quality::measured);
}

TEST_CASE("a clone is refused by its name") {
  auto settings = one_kilowatt(address);
  settings.world.faults.push_back(error_state(0xF9, seconds{0}));
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  CHECK(house.log().contains("identity check failed (REG_ERROR 0xF9)"));
  CHECK(house.ledger().closings(House::place(address)).empty());
  CHECK(house.fleet().buses().front()->modules().front()->state == fleet::Module::State::refused);
}

TEST_CASE("a module that lost its parameters is told at each start, not only when its error shows") {
  auto settings = one_kilowatt(address);
  settings.world.modules.front().provisioned = false;
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  CHECK(house.log().contains("has no sensor class: do not trust what it measures"));
  house.stop();
  house.log().clear();
  house.start();
  house.run_for(minutes{1});
  CHECK(house.log().contains("has no sensor class: do not trust what it measures"));
}

TEST_CASE("a channel on an input that the hardware lacks is told") {
  auto settings = one_kilowatt(address);
  settings.channels[address] = {{ChannelIndex{0}, "first", "First", false}, {ChannelIndex{1}, "second", "Second", false}};
  House house{settings};
  house.start();
  house.run_for(minutes{3});
  CHECK(house.log().contains("channel \"second\" has index 1, but a UI1 has input 0 only"));
  REQUIRE_FALSE(house.ledger().closings(House::place(address)).empty());
  CHECK(house.ledger().closings(House::place(address)).back().postings.size() == 1);
}

TEST_CASE("a chip that was metered at another place meanwhile is not billed for that time when it comes back") {
  auto settings = one_kilowatt(address);
  const I2cAddress elsewhere{0x52};
  settings.world.buses = {{.name = "main"}, {.name = "usb"}};
  auto& here = settings.world.modules.front();
  here.uid = *ModuleUid::parse("0102030405060708090a0b0c");
  auto there = here;
  there.bus = "usb";
  there.address = elsewhere;
  settings.world.modules.push_back(there);
  // The one chip, carried with its own supply from one bus to the other and back.
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
  silent("usb", minutes{70}, hours{3});
  House house{settings};
  house.start();
  house.run_for(minutes{9});
  const auto before = house.ledger().registers(House::place(address), "ch0").energy_import;
  house.run_for(minutes{81});
  const auto there_wh = house.ledger().registers(House::place(elsewhere), "ch0").energy_import.to_watt_hours().value();
  CHECK(there_wh > 900.0);
  const auto here_wh = (house.ledger().registers(House::place(address), "ch0").energy_import - before).to_watt_hours().value();
  CHECK(here_wh > 1000.0 * 15.0 / 60.0);
  CHECK(here_wh < 1000.0 * 25.0 / 60.0);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a chip with more inputs than the one before it has all of them from its first period on") {
  fleet::Assignment wanted;
  wanted.address = address;
  wanted.place_id = "house";
  wanted.name = "House";
  fleet::Module module{wanted};
  fleet::Identification small;
  small.identity.variant = protocol::Variant::ui1;
  module.identified(small);
  CHECK(module.describe().channels.size() == 1);
  fleet::Identification large;
  large.identity.variant = protocol::Variant::ui2;
  module.identified(large);
  CHECK(module.describe().channels.size() == 2);
  module.identified(small);
  CHECK(module.describe().channels.size() == 1);
  module.identified(large);
  CHECK(module.describe().channels.size() == 2);
}
