#include "commissioning/bus_scan.hpp"

#include "bench.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;
using protocol::ChipKind;
using simulator::ForeignSettings;

namespace {

BusScan scan(Bench& bench) {
  auto found = scan_bus(bench.station());
  if (!found) FAIL(found.error().detail);
  return *found;
}

}  // namespace

TEST_CASE("112 silent addresses are asked within half a second at 100 kHz") {
  auto far_away = module_at(0x50);
  far_away.bus = "another";
  auto settings = world_of({far_away});
  settings.buses = {{.name = "main", .speed_hz = 100'000}};
  Bench bench{settings};
  const auto found = scan(bench);
  CHECK(found.answers.empty());
  CHECK(found.asked == 112);
  CHECK(found.took > 0us);
  CHECK(found.took <= 500ms);
}

TEST_CASE("a scan tells modules, virgin modules, chips of others and modules with trouble apart, and writes to none") {
  auto settings = world_of({module_at(0x51, Variant::ui2), virgin_module(Variant::i3), module_at(0x52)});
  settings.modules[0].label = "boiler";
  settings.foreign = {{ForeignSettings::Kind::eeprom, "main", I2cAddress{0x57}},
                      {ForeignSettings::Kind::dimmer, "main", I2cAddress{0x58}}};
  settings.faults.push_back(fault(FaultKind::error_state));
  settings.faults.back().module = I2cAddress{0x52};
  settings.faults.back().code = 0xFA;
  Bench bench{settings};
  bench.clock().advance(1s);
  const auto found = scan(bench);
  REQUIRE(found.answers.size() == 5);
  const auto& blank = found.answers[0];
  CHECK(blank.address == I2cAddress{0x50});
  CHECK(blank.is_module());
  CHECK(blank.is_new);
  CHECK(blank.look->chip.identity.variant == protocol::Variant::i3);
  const auto& boiler = found.answers[1];
  CHECK(boiler.look->chip.identity.label == "boiler");
  CHECK(boiler.look->chip.identity.uid == bench.world().state(0).uid);
  CHECK(!boiler.is_new);
  CHECK(boiler.problem == protocol::ErrorCode::ok);
  CHECK(found.answers[2].problem == protocol::ErrorCode::lut_bad);
  CHECK(found.answers[3].look->chip.kind == ChipKind::foreign);
  CHECK(!found.answers[3].is_module());
  CHECK(found.answers[4].look->chip.kind == ChipKind::dimmer);
  for (std::size_t i = 0; i < 3; ++i) CHECK(bench.writes(i) == 0);
  CHECK(bench.world().foreign_bytes_written() == 0);
}

TEST_CASE("a module is found on a bus that loses every fifth acknowledge") {
  auto settings = world_of({module_at(0x33)});
  settings.faults.push_back(fault_with(FaultKind::nack_address, 0.2));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    settings.seed = seed;
    Bench bench{settings};
    bench.clock().advance(1s);
    const auto found = scan(bench);
    REQUIRE(found.answers.size() == 1);
    CHECK(found.answers[0].is_module());
  }
}

TEST_CASE("a stuck bus ends the scan soon, with words about it") {
  auto settings = world_of({module_at(0x50)});
  settings.faults.push_back(fault(FaultKind::bus_stuck));
  Bench bench{settings};
  const BootTime begin = bench.clock().boot_now();
  const auto found = scan_bus(bench.station());
  REQUIRE(!found);
  CHECK(found.error().is(Errc::bus_timeout));
  CHECK(contains(found.error().detail, "is stuck"));
  CHECK(bench.clock().boot_now() - begin < 1s);
}

TEST_CASE("two modules on one address that contradict each other are named as such") {
  Bench bench{{module_at(0x50, Variant::ui1), module_at(0x50, Variant::i2)}};
  bench.clock().advance(1s);
  const auto found = scan(bench);
  REQUIRE(found.answers.size() == 1);
  CHECK(!found.answers[0].is_module());
  CHECK(found.answers[0].look->chip.kind != ChipKind::rbamp);
}
