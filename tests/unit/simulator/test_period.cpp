// The period engine and its truth: protocol 11, 13.2, 17 S14-S19.
#include <cmath>

#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {

TEST_CASE("the mean of a period is the clamped mean of its windows", "[S14]") {
  // 1.5 s at +2000 W, 1.5 s at -1000 W: windows 0-6 import, window 7 holds 100 ms of each, 8-14 export.
  House house{module_with({square(2000, -1000, 3s)})};
  house.wait_until(3s + 10ms);
  REQUIRE(house.latch());
  CHECK(house.u32(reg::period_commit_cnt) == 15);
  CHECK(house.f32(reg::period_avg_p) == Approx((7 * 2000.0 + 500.0) / 15));
  CHECK(house.f32(reg::period_max_p) == Approx(2000));
  const auto truth = house.world->truth(0);
  CHECK(truth.windowed_import.value() * 3600 == Approx(0.2 * (7 * 2000.0 + 500.0)));
  CHECK(truth.windowed_export.value() * 3600 == Approx(0.2 * 7 * 1000.0));
  CHECK(truth.physical_import.value() * 3600 ==
        Approx(1.5 * 2000 + 2000 * (in_seconds(house.clock.boot_now() - house.world->began()) - 3)));
  CHECK(truth.physical_export.value() * 3600 == Approx(1.5 * 1000));
}

TEST_CASE("one latch closes a period and opens the next, and no window is lost between", "[S14]") {
  House house{module_with({square(2000, 300, 1700ms, 0.37)})};
  double delivered = 0;
  for (int i = 1; i <= 20; ++i) {
    house.wait_until(i * 3100ms);
    REQUIRE(house.latch());
    const auto bytes = house.read(reg::period_commit_cnt, 50);
    const auto count = static_cast<double>(u32_at(bytes, 0));
    delivered += house.f32(reg::period_avg_p) * count * 0.2;
  }
  const auto truth = house.world->truth(0);
  CHECK(truth.delivered.value() * 3600 == Approx(delivered).epsilon(1e-6));
  CHECK((truth.delivered + truth.pending).value() == Approx(truth.windowed_import.value()).epsilon(1e-12));
}

TEST_CASE("the snapshot stays until the next latch and VALID is not cleared by reading", "[S14]") {
  House house{module_with({constant(1234.5)})};
  house.wait_until(10s);
  REQUIRE(house.latch());
  const auto first = house.read(reg::period_avg_p, 20);
  house.wait_until(20s);
  CHECK(house.read(reg::period_avg_p, 20) == first);
  CHECK(Bytes(first.begin(), first.begin() + 4) == Bytes{0x00, 0x50, 0x9A, 0x44});  // TV5
  CHECK(house.u8(reg::period_valid) == 1);
}

TEST_CASE("an empty latch keeps accumulator, start and snapshot", "[S14]") {
  House house{module_with({constant(1000)})};
  house.wait_until(10s + 10ms);
  REQUIRE(house.latch());
  const auto length = house.u32(reg::period_latch_ms);
  CHECK_FALSE(house.latch());  // TV6
  CHECK(house.f32(reg::period_avg_p) == Approx(1000));
  CHECK(house.u32(reg::period_latch_ms) == length);
  house.wait_until(20s + 10ms);
  REQUIRE(house.latch());
  CHECK(house.u32(reg::period_commit_cnt) == 50);
  CHECK(house.u32(reg::period_latch_ms) == Approx(7350).margin(1));
  CHECK(house.world->counters(0).latches_requested == 3);
  CHECK(house.world->counters(0).latches_executed == 2);
  CHECK(house.world->counters(0).latches_empty == 1);
}

TEST_CASE("an empty latch may clear the snapshot registers", "[S14]") {
  auto module = module_with({constant(1000)});
  module.quirks.empty_latch_clears_snapshot = true;
  House house{module};
  house.wait_until(10s + 10ms);
  REQUIRE(house.latch());
  CHECK_FALSE(house.latch());
  CHECK(house.f32(reg::period_avg_p) == 0.0);
  CHECK(house.world->truth(0).never_read.value() > 0);  // nobody had read the averages
}

TEST_CASE("a latch can race with a commit and come out empty", "[S14]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::empty_latch, 9s, 2s)}};
  house.wait_until(10s + 10ms);
  CHECK_FALSE(house.latch());
  house.wait_until(12s + 10ms);
  CHECK(house.latch());
  CHECK(house.u32(reg::period_commit_cnt) == 60);
}

TEST_CASE("a snapshot becomes visible after its latency", "[S15]") {
  auto module = module_with({constant(1000)});
  SECTION("5 ms by default") {
    House house{module};
    house.wait_until(10s);
    house.write(reg::event_flags, 0x20);
    house.command(protocol::Command::latch_period);
    CHECK(house.u8(reg::period_valid) == 0);
    CHECK(house.u8(reg::event_flags) == 0);
    CHECK(house.f32(reg::period_avg_p) == 0.0);
    house.wait(5ms);
    CHECK(house.u8(reg::period_valid) == 1);
    CHECK(house.u8(reg::event_flags) == 0x01);
    CHECK(house.f32(reg::period_avg_p) == Approx(1000));
  }
  SECTION("at once") {
    module.latch_latency = 0us;
    House house{module};
    house.wait_until(10s);
    house.command(protocol::Command::latch_period);
    CHECK(house.u8(reg::period_valid) == 1);
  }
  SECTION("late, the older one shows and is valid") {
    House house{module, {fault_with(FaultKind::slow_latch, 60.0, 15s, 10s)}};
    house.wait_until(10s + 10ms);
    REQUIRE(house.latch());
    const auto first = house.u32(reg::period_commit_cnt);
    house.wait_until(17s + 10ms);
    REQUIRE(house.latch());
    CHECK(house.u32(reg::period_commit_cnt) == first);
    house.wait(15ms);
    CHECK(house.u32(reg::period_commit_cnt) != first);
  }
}

TEST_CASE("the chip's timer is slow, the windows are not", "[S16]") {
  auto module = module_with({constant(1000)});
  module.period_ms = CounterMode::live;
  SECTION("by default") {
    House house{module};
    house.wait_until(60s + 10ms);
    REQUIRE(house.latch());
    CHECK(house.u32(reg::period_latch_ms) == Approx(0.735 * 60'010).margin(1.5));
    CHECK(house.u32(reg::period_commit_cnt) == 300);
    CHECK(house.u32(reg::uptime_s) == 60);
    house.wait(10s);
    CHECK(house.u32(reg::period_ms) == Approx(0.735 * 10'050).margin(10));
  }
  SECTION("drawn from the seed where nothing is said") {
    module.chip_clock.reset();
    House house{module};
    CHECK(house.world->state(0).chip_rate >= 0.73);
    CHECK(house.world->state(0).chip_rate < 0.74);
    CHECK(house.world->state(0).chip_rate == House{module}.world->state(0).chip_rate);
  }
  SECTION("another rate, from some moment on") {
    House house{module, {fault_with(FaultKind::chip_clock, 1.0, 40s)}};
    house.wait_until(60s + 10ms);
    REQUIRE(house.latch());
    CHECK(house.u32(reg::period_latch_ms) == Approx(0.735 * 40'000 + 20'010).margin(1.5));
  }
  SECTION("for UPTIME_S as well") {
    module.quirks.uptime_runs_on_chip_clock = true;
    House house{module};
    house.wait_until(100s + 10ms);
    CHECK(house.u32(reg::uptime_s) == 73);
  }
}

TEST_CASE("COMMIT_CNT and PERIOD_MS can be live, latched, or of the last window", "[S17]") {
  auto module = module_with({constant(1000)});
  const auto [mode, before, after, later] = GENERATE(table<CounterMode, unsigned, unsigned, unsigned>(
      {{CounterMode::latched, 0, 50, 50}, {CounterMode::live, 49, 0, 5}, {CounterMode::last_window, 1, 1, 1}}));
  module.commit_count = mode;
  module.period_ms = mode;
  House house{module};
  house.wait_until(9900ms);
  CHECK(house.u32(reg::period_commit_cnt) == before);
  house.wait_until(10s + 10ms);
  REQUIRE(house.latch());
  CHECK(house.u32(reg::period_commit_cnt) == after);
  house.wait_until(11s + 10ms);
  CHECK(house.u32(reg::period_commit_cnt) == later);
  const double expected = mode == CounterMode::latched ? 7357 : mode == CounterMode::live ? 735 : 147;
  CHECK(house.u32(reg::period_ms) == Approx(expected).margin(3));
}

TEST_CASE("a broadcast latch is a latch with a tick and a zero-crossing offset", "[S18]") {
  auto module = module_with({constant(1000)});
  module.broadcast = true;
  House house{module};
  CHECK(house.world->state(0).zc_offset == 0xFFFF);
  house.wait_until(10s + 10ms);
  REQUIRE(house.broadcast(0, 0xFFFE));
  const auto stop = house.clock.boot_now() - house.world->began();
  house.wait(50ms);
  CHECK(house.u16(reg::gc_tick) == 0xFFFE);
  CHECK(house.u8(reg::period_valid) == 1);
  CHECK(house.u32(reg::period_commit_cnt) == 50);
  CHECK((house.u8(reg::event_flags) & 1U) == 1);
  CHECK(house.u16(reg::zc_offset) == 10'000 - stop.count() % 10'000);
  CHECK(house.u8(reg::error) == 0);
}

TEST_CASE("a missed broadcast leaves tick and period alone", "[S18]") {
  auto a = module_with({constant(1000)});
  a.broadcast = true;
  auto b = module_with({constant(1000)}, Variant::ui1, 0x51);
  b.broadcast = true;
  auto deaf = fault(FaultKind::miss_broadcast, 5s, 10s);
  deaf.module = I2cAddress{0x51};
  House house{world_of({a, b}, {deaf})};
  house.wait_until(10s + 10ms);
  REQUIRE(house.broadcast(0, 5));
  house.wait(50ms);
  CHECK(house.u16(reg::gc_tick, 0x50) == 5);
  CHECK(house.u16(reg::gc_tick, 0x51) == 0xFFFF);
  CHECK(house.world->counters(1).latches_requested == 0);
}

TEST_CASE("the standard tier keeps consumption where it was, and export out of page 0", "[S19]") {
  auto module = module_with({square(2000, -1000, 3s)});
  module.is_standard_tier = true;
  SECTION("not exposed") {
    House house{module};
    house.wait_until(3s + 10ms);
    REQUIRE(house.latch());
    CHECK(house.u8(reg::fw_tier) == 0x05);
    CHECK(house.f32(reg::period_avg_p) == Approx(14'500.0 / 15));
    CHECK(house.u32(0x32) == 0);
  }
  SECTION("or at an address that the settings give") {
    module.export_register = 0x3A;
    House house{module};
    house.wait_until(3s + 10ms);
    REQUIRE(house.latch());
    CHECK(house.f32(0x3A) == Approx(7'000.0 / 15));
  }
}

TEST_CASE("the truth says what became of every window", "[S31]") {
  House house{module_with({sine(800, 1500, 10s), constant(500)}, Variant::ui2),
              {fault(FaultKind::watchdog_reset, 50s), fault(FaultKind::power_cycle, 80s, 3s)}};
  const auto check_sum = [&] {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto t = house.world->truth(0, i);
      const auto sum = t.delivered + t.waiting + t.never_read + t.pending + t.lost_in_reset;
      CHECK(sum.value() == Approx(t.windowed_import.value()).epsilon(1e-12));
    }
  };
  const double wh = 500.0 * 10 / 3600;
  house.wait_until(10s + 10ms);
  REQUIRE(house.latch());
  check_sum();
  CHECK(house.world->truth(0, 1).waiting.value() == Approx(wh));
  static_cast<void>(house.read(reg::period_commit_cnt, 18));
  CHECK(house.world->truth(0, 1).waiting.value() == 0.0);
  CHECK(house.world->truth(0, 1).delivered.value() == Approx(wh));
  CHECK(house.world->truth(0, 0).waiting.value() > 0);  // 0xDC was not read
  house.wait_until(20s + 10ms);
  REQUIRE(house.latch());
  CHECK(house.world->truth(0, 0).never_read.value() > 0);
  check_sum();
  house.wait_until(51s);
  CHECK(house.world->truth(0, 1).never_read.value() == Approx(wh));
  CHECK(house.world->truth(0, 1).lost_in_reset.value() == Approx(3 * wh));
  check_sum();
  house.wait_until(90s);
  REQUIRE(house.latch());
  check_sum();
  CHECK(house.world->truth(0, 1).windowed_import.value() == Approx(500.0 * 87 / 3600).margin(500 * 0.6 / 3600));
  CHECK(house.world->truth(0, 1).physical_import.value() == Approx(500.0 * 90.0515 / 3600).epsilon(1e-4));
}

TEST_CASE("every latch can be recorded, to compute what a ledger must hold") {
  House house{module_with({square(2000, 300, 1700ms)})};
  house.world->record_latches(true);
  house.wait_until(10s + 10ms);
  REQUIRE(house.latch());
  const auto shown = house.f32(reg::period_avg_p);
  CHECK_FALSE(house.latch());
  const auto latches = house.world->latches(0);
  REQUIRE(latches.size() == 2);
  CHECK(house.world->boot_time(latches[0].at) == house.world->began() + 10'010ms + 290us);
  CHECK(latches[0].windows == 50);
  CHECK(static_cast<double>(latches[0].average_import[0]) == shown);
  CHECK(latches[0].import_j[0] / 10 == Approx(shown).epsilon(1e-7));
  CHECK(latches[1].is_empty);
}

TEST_CASE("energy of any interval can be asked for") {
  House house{module_with({square(2000, -1000, 3s)})};
  const auto began = house.world->began();
  const auto energy = house.world->physical_between(0, 0, began + 1s, began + 4s);
  CHECK(energy.import_j == Approx(3000));
  CHECK(energy.export_j == Approx(1500));
}

TEST_CASE("a virtual day of 16 modules with three channels is exact and cheap") {
  std::vector<ModuleSettings> modules;
  for (std::uint8_t i = 0; i < 16; ++i) {
    auto module = module_with({solar(-4000, 500), square(2000, -300, 97s, 0.3), constant(250)}, Variant::ui3,
                              static_cast<std::uint8_t>(0x20 + i));
    module.window_phase.reset();
    module.broadcast = true;
    modules.push_back(module);
  }
  auto settings = world_of(modules);
  settings.time_of_day.reset();
  House house{settings};
  std::uint64_t latches = 0;
  for (auto when = 60s; when <= 24h; when += 60s) {
    house.wait_until(when);
    REQUIRE(house.broadcast(0, static_cast<std::uint16_t>(latches++)));
    house.wait(50ms);
    for (std::uint8_t i = 0; i < 16; ++i) {
      const auto address = static_cast<std::uint8_t>(0x20 + i);
      static_cast<void>(house.read(reg::event_flags, 1, address));
      static_cast<void>(house.read(reg::uptime_s, 5, address));
      static_cast<void>(house.read(reg::period_commit_cnt, 50, address));
      static_cast<void>(house.read(reg::period_commit_cnt, 50, address));
      house.write(reg::event_flags, 1, address);
    }
  }
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto t = house.world->truth(i, channel);
      CHECK((t.delivered + t.pending).value() == Approx(t.windowed_import.value()).epsilon(1e-9));
      // Windows that straddle a change of sign clamp their mean, not their instants: at most 300 W of a window each.
      const double straddled = channel == 1 ? 2 * 86400.0 / 97 * 300 * 0.2 / 3600 : 0.1;
      CHECK(t.windowed_import.value() == Approx(t.physical_import.value()).margin(straddled + 2000 * 0.4 / 3600));
    }
  }
}

}  // namespace rbamp::simulator::test
