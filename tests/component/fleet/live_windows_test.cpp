// Live readings that are queued ahead on the bus's worker.
#include "grid_modules.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first = first_grid_module;

struct Counted {
  std::uint64_t seen = 0;
  std::uint64_t missed = 0;
  std::uint64_t transfers = 0;
};

/// What that time adds.
Counted counted_in(House& house, Microseconds time) {
  const auto windows_before = bus_of(house).windows();
  const auto before = transactions(house);
  house.run_for(time);
  const auto windows = bus_of(house).windows();
  return {windows.seen - windows_before.seen, windows.missed - windows_before.missed, transactions(house) - before};
}

/// Runs until the next transfer is over, and no longer.
void run_to_next_transfer(House& house) {
  for (const auto before = transactions(house); transactions(house) == before;) house.run_for(milliseconds{1});
}

}  // namespace

TEST_CASE("eight modules on a bus are read once in each window by the clock, but for the reads that look for its beginning") {
  House house{grid_modules(8)};
  house.start();
  house.run_for(seconds{122});
  const auto [seen, missed, transfers] = counted_in(house, seconds{50});  // between two periods
  CHECK(missed == 0);
  CHECK(seen == Approx(8 * 250).margin(16));
  CHECK(static_cast<double>(transfers) < 1.1 * static_cast<double>(seen));
}

TEST_CASE("a bus that is lent is not touched by the reads that were queued ahead, and read again afterwards") {
  House house{grid_modules(4)};
  house.start();
  house.run_for(seconds{70});
  run_to_next_transfer(house);
  bus_of(house).lend(true);
  const auto before = transactions(house);
  house.run_for(seconds{20});
  CHECK(transactions(house) == before);
  const auto seen = bus_of(house).windows().seen;
  bus_of(house).lend(false);
  house.run_for(seconds{10});
  CHECK(bus_of(house).windows().seen - seen >= 4 * 48);
}

TEST_CASE("a module that is taken out of the configuration is not read any more, whatever was queued") {
  House house{grid_modules(2)};
  house.start();
  house.run_for(seconds{70});
  auto change = fleet::BusFleet::Change{};
  change.assignments = {{first, House::place(first), "Module", metering::Role::grid, {}, {}}};
  REQUIRE(bus_of(house).reconfigure(change));
  house.run_for(minutes{2});
  REQUIRE(bus_of(house).modules().size() == 1);
  house.run_for(seconds{4});  // past the latch
  const auto before = transactions(house);
  house.run_for(seconds{20});
  CHECK(static_cast<double>(transactions(house) - before) < 1.1 * 100);
}

TEST_CASE("a window that was read when the daemon is told to end still counts") {
  House house{grid_modules(1)};
  house.start();
  house.run_for(seconds{70});
  run_to_next_transfer(house);
  const auto seen = bus_of(house).windows().seen;
  bool is_over = false;
  house.fleet().finish([&] { is_over = true; });
  house.run_for(seconds{2});
  REQUIRE(is_over);
  CHECK(bus_of(house).windows().seen == seen + 1);
}

namespace {

/// Four modules: two with a line each, two that share the bus's.
HouseSettings with_own_lines() {
  auto settings = grid_modules(4);
  settings.drdy = {{I2cAddress{0x50}, "main", {0}}, {I2cAddress{0x51}, "main", {1}}, {std::nullopt, "main", {2, 3}}};
  return settings;
}

}  // namespace

TEST_CASE("modules with lines of their own beside a shared line: each window is read once, right after its edge") {
  House house{with_own_lines()};
  house.start();
  house.run_for(seconds{122});
  const auto [seen, missed, transfers] = counted_in(house, seconds{40});
  CHECK(missed == 0);
  CHECK(seen == Approx(4 * 200).margin(8));
  CHECK(static_cast<double>(transfers) < 1.02 * static_cast<double>(seen));
  CHECK(bus_of(house).drdy() == fleet::DrdyLines::State::edges);
  // The longest wait is for the transfers of the three others.
  CHECK(bus_of(house).edge_latency().quantile(0.99).value() < milliseconds{20});
}

TEST_CASE("edges that fall while the bus reads another module are told apart by their stamps") {
  const int apart_us = GENERATE(700, 1500, 2200, 3000, 4000);
  CAPTURE(apart_us);
  auto settings = grid_modules(8);
  for (int i = 0; i < 8; ++i)
    settings.world.modules[static_cast<std::size_t>(i)].window_phase = Microseconds{10'000 + apart_us * i};
  settings.drdy = {{std::nullopt, "main", {0, 1, 2, 3, 4, 5, 6, 7}}};
  House house{settings};
  house.start();
  house.run_for(seconds{122});
  const auto [seen, missed, transfers] = counted_in(house, seconds{50});
  CHECK(missed == 0);
  CHECK(seen == Approx(8 * 250).margin(16));
  // Of edges closer than a millisecond the reads must tell whose they are, now and then.
  CHECK(static_cast<double>(transfers) < 1.03 * static_cast<double>(seen));
  // Each waits for the transfers of those before it, and for nothing else. Below a millisecond all may be read by the clock.
  const auto latency = bus_of(house).edge_latency().quantile(0.99);
  CHECK((latency || apart_us < 1000));
  CHECK(latency.value_or(Microseconds{}) < milliseconds{50});
}

TEST_CASE("edges that the kernel dropped are counted over all lines of a bus") {
  House house{with_own_lines()};
  house.start();
  house.run_for(seconds{10});
  CHECK(bus_of(house).edges_lost() == 0U);
  house.line(0).overflow(2);
  house.line(2).overflow(3);
  house.run_for(seconds{2});
  CHECK(bus_of(house).edges_lost() == 5U);
  CHECK(bus_of(house).drdy() == fleet::DrdyLines::State::edges);
  House without{grid_modules(1)};
  without.start();
  without.run_for(seconds{10});
  CHECK_FALSE(bus_of(without).edges_lost());
}

TEST_CASE("a line of its own that falls silent is told with the module's name, and its module is read by the clock") {
  House house{with_own_lines()};
  house.start();
  house.run_for(seconds{122});
  const auto before = bus_of(house).windows();
  house.inject(simulator::FaultKind::drdy_silent, I2cAddress{0x51}, minutes{10});
  house.run_for(minutes{5});
  CHECK(house.log().count(log::Level::warning) == 1);
  CHECK(house.log().contains("Module \"at_81\": the DRDY line gives no edges"));
  CHECK(bus_of(house).drdy() == fleet::DrdyLines::State::silent);
  const auto after = bus_of(house).windows();
  CHECK(after.seen - before.seen == Approx(4 * 5 * 300).margin(20));
  CHECK(after.missed == before.missed);
}
