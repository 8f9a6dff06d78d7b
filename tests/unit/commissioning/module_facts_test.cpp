#include "commissioning/module_facts.hpp"

#include "bench.hpp"
#include "commissioning/live_feed.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;

namespace {

ModuleFacts facts_of(Bench& bench, std::uint8_t address) {
  auto facts = describe(bench.link(address));
  if (!facts) FAIL(facts.error().detail);
  return *facts;
}

}  // namespace

TEST_CASE("a module is described with what it is set to, and nothing is written") {
  auto module = module_at(0x52, Variant::ui2);
  module.label = "attic";
  module.broadcast = true;
  module.group = 7;
  module.channels[1].ct_model = 6;
  module.uptime = 7200s;
  Bench bench{{module}};
  bench.clock().advance(1s);
  const auto facts = facts_of(bench, 0x52);
  CHECK(facts.identity.label == "attic");
  CHECK(facts.identity.variant == protocol::Variant::ui2);
  CHECK(facts.state.error == protocol::ErrorCode::ok);
  CHECK(facts.state.status.has(protocol::StatusBit::ready));
  CHECK(facts.settings.sensor_class == protocol::SensorClass::sct_013);
  CHECK(facts.settings.group == 7);
  CHECK(facts.settings.fleet.has(protocol::FleetBit::gc_enable));
  CHECK(facts.settings.address == I2cAddress{0x52});
  CHECK(facts.evidence.ct_models == std::array<std::uint8_t, max_channels>{3, 6, 0});
  CHECK(facts.evidence.health.uptime >= 7200s);
  CHECK(facts.evidence.gc_tick == protocol::no_gc_tick);
  CHECK(facts.settings.frequency.frequency->value() == Approx(50.0).epsilon(0.001));
  CHECK(bench.writes() == 0);
}

TEST_CASE("the flash error of a virgin module is seen, because nothing is written before it") {
  Bench bench{{virgin_module()}};
  bench.clock().advance(1s);
  const auto facts = facts_of(bench, 0x50);
  CHECK(facts.state.error == protocol::ErrorCode::flash_params_bad);
  CHECK(facts.settings.sensor_class == protocol::SensorClass::unset);
  CHECK(facts.identity.label.empty());
}

TEST_CASE("where nobody answers, and where a chip of others does, the words say so") {
  auto settings = world_of({module_at(0x50)});
  settings.foreign = {{simulator::ForeignSettings::Kind::eeprom, "main", I2cAddress{0x57}}};
  Bench bench{settings};
  bench.clock().advance(1s);
  const auto nobody = ModuleLink::open(bench.station(), I2cAddress{0x60});
  REQUIRE(!nobody);
  CHECK(nobody.error().is(Errc::bus_nack));
  CHECK(contains(nobody.error().detail, "nobody answers at address 0x60 on bus \"main\""));
  const auto foreign = ModuleLink::open(bench.station(), I2cAddress{0x57});
  REQUIRE(!foreign);
  CHECK(foreign.error().is(Errc::not_rbamp));
  CHECK(contains(foreign.error().detail, "not an rbAmp"));
  CHECK(bench.world().foreign_bytes_written() == 0);
}

TEST_CASE("a live read is one transfer of 56 bytes and one more") {
  Bench bench{{module_at(0x50, Variant::ui2, 690.0)}};
  bench.clock().advance(1s);
  auto feed = LiveFeed::open(bench.station(), I2cAddress{0x50});
  REQUIRE(feed);
  for (int i = 0; i < 4; ++i) {
    bench.world().bus()->keep_log(100);
    const auto values = feed->read();
    REQUIRE(values);
    const auto log = bench.world().bus()->log();
    REQUIRE(log.size() == 2);
    CHECK(log[0].bytes.size() == 56);
    CHECK(values->block.channels[1].active_power->value() == Approx(690.0).epsilon(0.001));
    CHECK(values->block.voltage->value() == Approx(230.0).epsilon(0.001));
    CHECK(values->reactive_power[0].has_value());
    CHECK(values->frequency->value() == Approx(50.0).epsilon(0.001));
    bench.clock().advance(200ms);
  }
  CHECK(bench.writes() == 0);
}

TEST_CASE("a module without a voltage input shows current and frequency, and no power") {
  Bench bench{{module_at(0x50, Variant::i1)}};
  bench.clock().advance(1s);
  auto feed = LiveFeed::open(bench.station(), I2cAddress{0x50});
  REQUIRE(feed);
  const auto values = feed->read();
  REQUIRE(values);
  CHECK(!values->block.voltage);
  CHECK(!values->block.channels[0].active_power);
  CHECK(!values->reactive_power[0]);
  CHECK(values->block.channels[0].current->value() > 0.0);
  CHECK(values->frequency->value() == Approx(50.0).epsilon(0.001));
}
