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
