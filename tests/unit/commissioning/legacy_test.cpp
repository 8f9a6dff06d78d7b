// Firmware before v1.3: read when somebody says what it is, never written. Protocol 1.4, D2, D4.
#include "commissioning/bus_scan.hpp"
#include "commissioning/live_feed.hpp"
#include "unit/commissioning/bench.hpp"

namespace rbamp::commissioning::test {
namespace {

using simulator::Firmware;

ModuleSettings old_module(Firmware firmware = Firmware::v1_2) {
  auto module = module_at(0x50, Variant::ui2, 690.0);
  module.firmware = firmware;
  return module;
}

}  // namespace

TEST_CASE("a module with old firmware is refused in words that say what can be done, and never written") {
  Bench bench{{old_module(GENERATE(Firmware::v1_0, Firmware::v1_1, Firmware::v1_2))}};
  bench.clock().advance(1s);
  const auto refused = ModuleLink::open(bench.station(), I2cAddress{0x50});
  REQUIRE(!refused);
  CHECK(refused.error().is(Errc::not_rbamp));
  CHECK(contains(refused.error().detail, "rbampctl read ADDRESS --legacy VARIANT"));
  CHECK(scan_bus(bench.station()));
  CHECK(bench.writes() == 0);
}

TEST_CASE("a module that is declared to be one with old firmware shows what it measures, and nothing is written") {
  Bench bench{{old_module()}};
  bench.clock().advance(1s);
  auto module = ModuleLink::open_declared(bench.station(), I2cAddress{0x50}, protocol::Variant::ui2);
  REQUIRE(module);
  CHECK_FALSE(module->is_identified());
  CHECK(module->identity().version == 0x03);
  auto feed = LiveFeed::open(std::move(*module));
  REQUIRE(feed);
  const auto values = feed->read();
  REQUIRE(values);
  CHECK(values->block.voltage->value() == Approx(230.0).epsilon(0.001));
  CHECK(values->block.channels[1].active_power->value() == Approx(690.0).epsilon(0.001));
  CHECK(values->frequency->value() == Approx(50.0).epsilon(0.001));
  CHECK(bench.writes() == 0);
}

TEST_CASE("what says itself what it is, or is nothing of the kind, cannot be declared to be old") {
  auto settings = world_of({module_at(0x50)});
  settings.foreign = {{simulator::ForeignSettings::Kind::eeprom, "main", I2cAddress{0x57}}};
  Bench bench{settings};
  bench.clock().advance(1s);
  const auto present = ModuleLink::open_declared(bench.station(), I2cAddress{0x50}, protocol::Variant::ui1);
  REQUIRE(!present);
  CHECK(contains(present.error().detail, "is no module with firmware before v1.3: rbAmp UI1, firmware v1.3"));
  const auto foreign = ModuleLink::open_declared(bench.station(), I2cAddress{0x57}, protocol::Variant::ui1);
  REQUIRE(!foreign);
  CHECK(foreign.error().is(Errc::not_rbamp));
  CHECK(bench.world().foreign_bytes_written() == 0);
}

TEST_CASE("values that are read byte by byte are of one window, not of two") {
  auto old = old_module();
  old.channels[0].loads = {simulator::test::square(2300.0, 230.0, 400ms)};  // another power in each window
  old.channels[1].loads = {simulator::test::square(230.0, 2300.0, 400ms)};
  Bench bench{{old}};
  bench.clock().advance(1s);
  auto module = ModuleLink::open_declared(bench.station(), I2cAddress{0x50}, protocol::Variant::ui2);
  REQUIRE(module);
  auto feed = LiveFeed::open(std::move(*module));
  REQUIRE(feed);
  for (int i = 0; i < 200; ++i) {
    const auto values = feed->read();
    REQUIRE(values);
    const auto& channels = values->block.channels;
    // Each read begins elsewhere in a window; both channels change at the same instant, in opposite directions.
    CHECK(channels[0].active_power->value() + channels[1].active_power->value() == Approx(2530.0).epsilon(0.001));
    CHECK(channels[0].current->value() * 230.0 == Approx(channels[0].active_power->value()).epsilon(0.001));
    bench.clock().advance(37ms);
  }
}

}  // namespace rbamp::commissioning::test
