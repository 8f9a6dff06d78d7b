// The house as the configuration describes it: its fault script, its firmware, its chips of others.
#include <cerrno>

#include "config/config.hpp"
#include "simulator/house.hpp"
#include "support/catch.hpp"
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

/// A world from a configuration text, on virtual time.
struct ScriptedHouse {
  explicit ScriptedHouse(const std::string& text) {
    const auto parsed = config::parse("[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n" + text, "test.toml");
    for (const auto& problem : parsed.problems) FAIL(problem.text);
    auto built = build_house(parsed.config.simulator, clock);
    REQUIRE(built.has_value());
    world = std::move(*built);
    began = clock.boot_now();
  }
  void wait_until(Microseconds since_begin) { clock.advance(began + since_begin - clock.boot_now()); }
  Result<std::uint8_t> read(std::uint8_t address, std::uint8_t reg) {
    std::array<std::uint8_t, 1> byte{};
    return world->bus()->read(I2cAddress{address}, reg, byte).map([&] { return byte[0]; });
  }
  ManualClock clock;
  BootTime began{};
  std::unique_ptr<World> world;
};

const std::string two_modules = "[[simulator.module]]\naddress = 0x50\n[[simulator.module]]\naddress = 0x51\n";

}  // namespace

TEST_CASE("every kind of fault has one name, in the configuration and here") {
  const auto names = config::simulated_fault_kinds();
  CHECK(names.size() == static_cast<std::size_t>(FaultKind::mains_outage) + 1);
  for (const auto& name : names) {
    INFO(name);
    const auto kind = fault_kind_from(name);
    REQUIRE(kind.has_value());
    CHECK(to_string(*kind) == name);
  }
}

TEST_CASE("a script takes one module away and brings it back", "[S7][S30]") {
  ScriptedHouse house{two_modules + "[[simulator.fault]]\nkind = \"unplug\"\nat = \"10s\"\nfor = \"5s\"\nmodule = 0x51\n"};
  house.wait_until(9s);
  CHECK(house.read(0x51, reg::version).has_value());
  house.wait_until(11s);
  CHECK(house.read(0x51, reg::version).error().is(Errc::bus_nack));
  CHECK(house.read(0x50, reg::version).has_value());
  house.wait_until(16s);
  CHECK(house.read(0x51, reg::version).has_value());
}

TEST_CASE("a script may say when by the clock on the wall", "[S7]") {
  // The clock of the test stands at 2026-01-01T00:00:00 UTC and one second.
  ScriptedHouse house{two_modules + "[[simulator.fault]]\nkind = \"bus_stuck\"\nat = 2026-01-01T00:00:21Z\nfor = \"5s\"\n"};
  house.wait_until(19s);
  CHECK(house.read(0x50, reg::version).has_value());
  house.wait_until(21s);
  CHECK(house.read(0x50, reg::version).error().is(Errc::bus_timeout));
  house.wait_until(26s);
  CHECK(house.read(0x50, reg::version).has_value());
}

TEST_CASE("codes, values and UIDs of a script arrive", "[S7][S27][S30]") {
  ScriptedHouse house{two_modules +
                      "[[simulator.fault]]\nkind = \"error_state\"\nat = \"5s\"\nmodule = 0x50\ncode = 0xFA\n"
                      "[[simulator.fault]]\nkind = \"replace_chip\"\nat = \"6s\"\nmodule = 0x51\nuid = "
                      "\"0123456789abcdef01234567\"\n"
                      "[[simulator.fault]]\nkind = \"chip_clock\"\nat = \"1s\"\nmodule = 0x50\nvalue = 0.71\n"
                      "[[simulator.fault]]\nkind = \"adapter_error\"\nat = \"20s\"\nfor = \"1s\"\ncode = " +
                      std::to_string(ENODEV) + "\n"};
  house.wait_until(10s);
  CHECK(house.read(0x50, reg::error) == 0xFA);
  CHECK(house.world->state(1).uid == *ModuleUid::parse("0123456789abcdef01234567"));
  CHECK(house.world->state(0).chip_rate == 0.71);
  house.wait_until(20'500ms);
  CHECK(house.read(0x50, reg::version).error().is(Errc::bus_missing));
}

TEST_CASE("the configuration chooses firmware, adapter and neighbours", "[S29]") {
  ScriptedHouse house{
      "[simulator]\ngeneral_call = false\nsmbus_only = true\n"
      "[[simulator.module]]\naddress = 0x50\nfirmware = \"1.2\"\nchip_clock = 0.75\n"
      "[[simulator.foreign]]\nkind = \"dimmer\"\naddress = 0x52\n"
      "[[simulator.foreign]]\naddress = 0x57\n"};
  house.wait_until(1s);
  CHECK(house.read(0x50, reg::version) == 0x03);
  CHECK(house.world->state(0).chip_rate == 0.75);
  CHECK(house.read(0x52, reg::product_id) == 0x02);
  CHECK(house.read(0x57, 0x00).has_value());
  const std::array<std::uint8_t, 5> frame{0xA5, 0x27, 0x00, 0x01, 0x00};
  CHECK_FALSE(house.world->bus()->write(general_call, frame).has_value());
  CHECK(house.world->bus()->capabilities().max_read == 32);
}

}  // namespace rbamp::simulator::test
