// Things that go wrong: protocol 17 S7, S30.
#include <bitset>
#include <cerrno>
#include <cmath>

#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

int failures(const House& house, int tries) {
  int failed = 0;
  for (int i = 0; i < tries; ++i) failed += house.answers() ? 0 : 1;
  return failed;
}

}  // namespace

TEST_CASE("acknowledges fail as often as the fault says", "[S7]") {
  // 4 standard deviations of a binomial distribution
  const auto check_rate = [](const Fault& fault, double rate) {
    House house{module_with({constant(100)}), {fault}};
    house.wait(1s);
    constexpr int tries = 4000;
    const double deviation = std::sqrt(tries * rate * (1 - rate));
    CHECK(failures(house, tries) == Approx(tries * rate).margin(4 * deviation));
  };
  check_rate(steady_nacks_at_100khz(), 0.20);
  check_rate(steady_nacks_at_50khz(), 0.008);
  check_rate(emi_burst(0s, 1h), 0.67);
  check_rate(fault_with(FaultKind::nack_data, 0.3), 0.3);
}

TEST_CASE("a fault begins and ends when the script says", "[S7]") {
  House house{module_with({constant(100)}), {fault_with(FaultKind::nack_address, 1.0, 2s, 1s)}};
  house.wait_until(1990ms);
  CHECK(house.answers());
  house.wait_until(2s);
  CHECK_FALSE(house.answers());
  house.wait_until(2990ms);
  CHECK_FALSE(house.answers());
  house.wait_until(3s);
  CHECK(house.answers());
}

TEST_CASE("a fault can have an absolute time", "[S7]") {
  auto burst = fault_with(FaultKind::nack_address, 1.0, 0s, 1s);
  burst.at_utc = UtcTime{std::chrono::seconds{1767225600 + 3}};
  House house{module_with({constant(100)}), {burst}};
  // The manual clock stands at 1 s of boot time, and its UTC offset is the epoch above.
  house.wait_until(1900ms);
  CHECK(house.answers());
  house.wait_until(2100ms);
  CHECK_FALSE(house.answers());
}

TEST_CASE("a fault can be for one bus or one module only", "[S7]") {
  auto a = module_with({constant(100)});
  auto b = module_with({constant(100)}, Variant::ui1, 0x51);
  auto c = module_with({constant(100)});
  c.bus = "garage";
  auto on_a = fault_with(FaultKind::nack_address, 1.0);
  on_a.bus = "main";
  on_a.module = I2cAddress{0x50};
  House house{world_of({a, b, c}, {on_a})};
  house.wait(1s);
  CHECK_FALSE(house.answers(0x50));
  CHECK(house.answers(0x51));
  Bytes version(1);
  CHECK(house.world->bus("garage")->read(I2cAddress{0x50}, reg::version, version));
  CHECK(house.world->find("garage", I2cAddress{0x50}) == 2);
}

TEST_CASE("a write may land though it is reported as failed, and fail though it is acknowledged", "[S7]") {
  House house{module_with({constant(100)}),
              {fault_with(FaultKind::lost_ack, 1.0, 2s, 1s), fault_with(FaultKind::lost_write, 1.0, 4s, 1s)}};
  house.wait_until(2s);
  const auto latch = house.try_write({reg::command, 0x27});
  REQUIRE_FALSE(latch);
  CHECK(latch.error().is(Errc::bus_nack));
  CHECK(house.world->counters(0).latches_executed == 1);
  house.wait_until(4s);
  CHECK(house.try_write({reg::command, 0x27}));
  CHECK(house.world->counters(0).latches_requested == 1);
  house.wait_until(5s);
  CHECK(house.latch());
}

TEST_CASE("a data byte that is not acknowledged leaves no trace but an error count", "[S7]") {
  House house{module_with({constant(100)}), {fault_with(FaultKind::nack_data, 1.0, 2s, 1s)}};
  house.wait_until(2s);
  CHECK_FALSE(house.try_write({reg::command, 0x27}));
  CHECK(house.world->counters(0).latches_requested == 0);
  house.wait_until(3s);
  CHECK(house.u16(reg::i2c_err_count) == 1);
}

TEST_CASE("bits flip in what is read", "[S7]") {
  House house{module_with({constant(100)}), {fault_with(FaultKind::bit_flip, 1.0, 2s, 1s)}};
  house.wait_until(1s);
  const auto clean = house.read(reg::product_id, 24);
  house.wait_until(2s);
  for (int i = 0; i < 20; ++i) {
    const auto hit = house.read(reg::product_id, 24);
    int bits = 0;
    for (std::size_t k = 0; k < hit.size(); ++k)
      bits += static_cast<int>(std::bitset<8>(static_cast<unsigned>(hit[k] ^ clean[k])).count());
    CHECK(bits == 1);
  }
}

TEST_CASE("a stuck bus costs the adapter's timeout", "[S7]") {
  House house{module_with({constant(100)}), {fault(FaultKind::bus_stuck, 2s, 1s)}};
  house.wait_until(2s);
  const auto begin = house.clock.boot_now();
  const auto stuck = house.try_read(reg::version, 1);
  REQUIRE_FALSE(stuck);
  CHECK(stuck.error().is(Errc::bus_timeout));
  CHECK(house.clock.boot_now() - begin == 100ms);
  house.wait_until(3s);
  CHECK(house.u8(reg::i2c_reinit_count) == 1);
}

TEST_CASE("the adapter's error numbers mean what they mean on a real one", "[S7]") {
  const auto [number, code] = GENERATE(table<int, Errc>({{EAGAIN, Errc::bus_arbitration},
                                                         {ETIMEDOUT, Errc::bus_timeout},
                                                         {EREMOTEIO, Errc::bus_nack},
                                                         {ENXIO, Errc::bus_nack},
                                                         {EIO, Errc::bus_io},
                                                         {ENODEV, Errc::bus_missing}}));
  auto broken = fault(FaultKind::adapter_error, 2s, 1s);
  broken.code = number;
  House house{module_with({constant(100)}), {broken}};
  house.wait_until(2s);
  const auto failed = house.try_read(reg::version, 1);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().is(code));
}

TEST_CASE("a slow bus adds its time to every transfer", "[S7]") {
  House house{module_with({constant(100)}), {fault_with(FaultKind::slow_bus, 5.0, 2s, 1s)}};
  house.wait_until(2s);
  const auto begin = house.clock.boot_now();
  CHECK(house.answers());
  CHECK(house.clock.boot_now() - begin == 5390us);
}

TEST_CASE("faults of a bus that name a module hold for its transfers only", "[S7]") {
  const auto kind = GENERATE(FaultKind::slow_bus, FaultKind::bus_stuck, FaultKind::adapter_error);
  auto one = fault_with(kind, 5.0, 2s, 1s);
  one.module = I2cAddress{0x51};
  House house{world_of({module_with({constant(100)}), module_with({constant(100)}, Variant::ui1, 0x51)}, {one})};
  house.wait_until(2s);
  auto begin = house.clock.boot_now();
  CHECK(house.answers());
  CHECK(house.clock.boot_now() - begin == 390us);
  house.wait(1ms);
  begin = house.clock.boot_now();
  std::array<std::uint8_t, 1> byte{};
  const bool answers = house.bus().read(I2cAddress{0x51}, reg::version, byte).has_value();
  CHECK(answers == (kind == FaultKind::slow_bus));
  if (answers) CHECK(house.clock.boot_now() - begin == 5390us);
}

TEST_CASE("short gaps between transfers are counted and can cost acknowledges", "[S7]") {
  auto settings = world_of({module_with({constant(100)})});
  settings.buses = {{.short_gap_nack = 1.0}};
  House house{settings};
  house.wait(1s);
  CHECK(house.answers());
  CHECK_FALSE(house.answers());
  house.wait(100us);
  CHECK(house.answers());
  CHECK(house.bus().traffic().short_gaps == 1);
}

TEST_CASE("the same seed gives the same world, another seed another one", "[S7]") {
  const auto outcome = [](std::uint64_t seed) {
    auto settings = world_of({module_with({constant(100)})}, {fault_with(FaultKind::nack_address, 0.5)});
    settings.seed = seed;
    House house{settings};
    house.wait(1s);
    std::vector<bool> results;
    for (int i = 0; i < 64; ++i) results.push_back(house.answers());
    const auto uid = house.world->state(0).uid.bytes();
    return std::pair{results, uid};
  };
  CHECK(outcome(1) == outcome(1));
  CHECK(outcome(1).first != outcome(2).first);
  CHECK(outcome(1).second != outcome(2).second);
}

TEST_CASE("a power cycle loses everything that is not in flash", "[S30]") {
  auto module = module_with({constant(1000)});
  module.label = "boiler";
  House house{module, {fault(FaultKind::power_cycle, 10s, 2s)}};
  house.wait_until(5s);
  CHECK(house.latch());
  CHECK(house.f32(reg::period_avg_p) == Approx(1000));
  house.write(reg::digest_config, 0x0F);
  house.wait_until(11s);
  CHECK_FALSE(house.answers());
  house.wait_until(12s + 5ms);
  CHECK_FALSE(house.answers());
  house.wait_until(12s + 300ms);
  CHECK(house.u8(reg::event_flags) == 0x20);
  CHECK(house.u8(reg::reset_cause) == 0x02);
  CHECK(house.u8(reg::digest_config) == 0);
  CHECK(house.u8(reg::period_valid) == 0);
  CHECK(house.f32(reg::period_avg_p) == 0.0);
  CHECK(house.u32(reg::uptime_s) == 0);
  CHECK(house.read(reg::label, 6) == Bytes{'b', 'o', 'i', 'l', 'e', 'r'});
  // latched at 5.0 s (24 or 25 windows), lost: windows up to 10 s
  const auto truth = house.world->truth(0);
  CHECK(truth.delivered.value() == Approx(1000 * 5.0 / 3600));
  CHECK(truth.lost_in_reset.value() == Approx(1000 * 5.0 / 3600));
  CHECK(truth.physical_import.value() == Approx(1000 * in_seconds(house.clock.boot_now() - house.world->began()) / 3600));
}

TEST_CASE("a power cycle without a length is a short one", "[S30]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::power_cycle, 10s)}};
  house.wait_until(10s + 300ms);
  CHECK(house.u8(reg::reset_cause) == 0x02);
  CHECK(house.world->state(0).booted_at == SimTime{10s});
}

TEST_CASE("a watchdog reset tells its cause", "[S30]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::watchdog_reset, 10s)}};
  house.wait_until(10s + 300ms);
  CHECK(house.u8(reg::reset_cause) == 0x08);
  CHECK(house.world->state(0).boots == 2);
}

TEST_CASE("a module can be unplugged and plugged in again", "[S30]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::unplug, 10s, 5s), fault(FaultKind::unplug, 30s)}};
  house.wait_until(12s);
  CHECK_FALSE(house.answers());
  house.wait_until(16s);
  CHECK(house.answers());
  house.wait_until(1h);
  CHECK_FALSE(house.answers());
}

TEST_CASE("another chip can take the place", "[S30]") {
  auto replaced = fault(FaultKind::replace_chip, 10s);
  SECTION("a given one") { replaced.uid = ModuleUid::parse("0102030405060708090a0b0c"); }
  SECTION("any") {}
  House house{module_with({constant(1000)}), {replaced}};
  house.wait_until(5s);
  const auto before = house.read(reg::uid, 12);
  house.wait_until(11s);
  const auto after = house.read(reg::uid, 12);
  CHECK(after != before);
  if (replaced.uid) CHECK(std::equal(after.begin(), after.end(), replaced.uid->bytes().begin()));
  CHECK(house.u8(reg::event_flags) == 0x20);
}

TEST_CASE("a foreign master may latch in between", "[S30]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::foreign_latch, 10s)}};
  house.wait_until(20s);
  CHECK(house.u8(reg::event_flags) == 0x21);
  CHECK(house.f32(reg::period_avg_p) == Approx(1000));
  CHECK(house.u32(reg::period_commit_cnt) == 50);
}

TEST_CASE("faults can be added while the world runs, and begin no earlier than now") {
  House house{module_with({constant(1000)})};
  house.wait_until(10s);
  house.world->inject(fault(FaultKind::power_cycle, 3s, 8s));  // would have begun already: begins now, ends at 11 s
  CHECK_FALSE(house.answers());
  house.wait_until(11s + 20ms);
  CHECK(house.answers());
  house.world->inject_now(fault(FaultKind::watchdog_reset));
  house.wait(20ms);
  CHECK(house.world->state(0).boots == 3);
}

TEST_CASE("every kind of fault has a name, and only those") {
  for (int i = 0; i <= static_cast<int>(FaultKind::mains_outage); ++i) {
    const auto kind = static_cast<FaultKind>(i);
    CHECK(fault_kind_from(to_string(kind)) == kind);
  }
  CHECK_FALSE(fault_kind_from("unknown"));
}

TEST_CASE("a test can step in before and after a transaction", "[S31]") {
  House house{module_with({constant(1000)})};
  house.wait_until(2s);
  Hooks hooks;
  SECTION("fail the latch that lands") {
    hooks.before = [](const Transaction& t) {
      return t.writes(reg::command, 0x27) ? Intervention::lose_ack : Intervention::none;
    };
    house.bus().set_hooks(hooks);
    CHECK_FALSE(house.try_write({reg::command, 0x27}));
    CHECK(house.world->counters(0).latches_executed == 1);
  }
  SECTION("cut the module's power between two reads") {
    hooks.after = [&](const Transaction& t) {
      if (t.number == 1) house.world->inject_now(fault(FaultKind::power_cycle, 0s, 1s));
    };
    house.bus().set_hooks(hooks);
    CHECK(house.answers());
    CHECK_FALSE(house.answers());
  }
  SECTION("die before the latch") {
    struct Death {};
    hooks.before = [](const Transaction& t) -> Intervention {
      if (t.direction == Direction::write) throw Death{};
      return Intervention::none;
    };
    house.bus().set_hooks(hooks);
    CHECK_THROWS_AS(house.try_write({reg::command, 0x27}), Death);
    CHECK(house.world->counters(0).latches_requested == 0);
    CHECK(house.answers());  // the world goes on
  }
  SECTION("die after the latch") {
    struct Death {};
    hooks.after = [](const Transaction&) { throw Death{}; };
    house.bus().set_hooks(hooks);
    CHECK_THROWS_AS(house.try_write({reg::command, 0x27}), Death);
    CHECK(house.world->counters(0).latches_executed == 1);
  }
  SECTION("each kind of failure") {
    const auto [how, code] = GENERATE(table<Intervention, Errc>({{Intervention::nack_address, Errc::bus_nack},
                                                                 {Intervention::nack_data, Errc::bus_nack},
                                                                 {Intervention::time_out, Errc::bus_timeout}}));
    hooks.before = [how = how](const Transaction&) { return how; };
    std::optional<Errc> seen;
    hooks.after = [&](const Transaction& t) { seen = t.error; };
    house.bus().set_hooks(hooks);
    const auto failed = house.try_write({reg::command, 0x27});
    REQUIRE_FALSE(failed);
    CHECK(failed.error().is(code));
    CHECK(seen == code);
    CHECK(house.world->counters(0).latches_requested == 0);
  }
  SECTION("lose a write, flip a bit") {
    hooks.before = [](const Transaction& t) {
      return t.direction == Direction::write ? Intervention::lose_write : Intervention::flip_bit;
    };
    house.bus().set_hooks(hooks);
    CHECK(house.try_write({reg::command, 0x27}));
    CHECK(house.world->counters(0).latches_requested == 0);
    CHECK(house.u8(reg::version) != 0x04);
  }
}

}  // namespace rbamp::simulator::test
