// A process that dies takes no export with it: what it saw live since the last booked latch is kept elsewhere.
#include <cmath>

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress roof{0x50};
constexpr double roof_w = 3000.0;
constexpr double window_wh = roof_w * 0.2 / 3600.0;

HouseSettings solar_house() {
  simulator::LoadSettings sun;
  sun.power_w = -roof_w;
  simulator::ChannelSettings channel;
  channel.loads.push_back(sun);
  simulator::ModuleSettings module;
  module.address = roof;
  module.uptime = std::chrono::hours{1};
  module.variant = simulator::Variant::ui1;
  module.channels.push_back(channel);
  HouseSettings settings;
  settings.role = metering::Role::solar;
  settings.world.modules.push_back(module);
  return settings;
}

/// Booked export less what was delivered between the first and the last instant of the ledger.
double export_error_wh(House& house) {
  const auto lines = house.ledger().closings(House::place(roof));
  REQUIRE_FALSE(lines.empty());
  const auto truth = house.world().physical_between(0, 0, lines.front().span.begin.at, lines.back().span.end.at);
  return house.ledger().registers(House::place(roof), "ch0").energy_export.to_watt_hours().value() - truth.export_j / 3600.0;
}

}  // namespace

TEST_CASE("a process that is killed at any instant of a period loses no export") {
  const int killed_ms = GENERATE(range(0, 8000, 370), values({21'000, 38'000, 55'000, 59'500}));
  const int down_s = GENERATE(1, 5, 30);
  CAPTURE(killed_ms, down_s);
  House house{solar_house()};
  house.start();
  house.run_for(minutes{2});
  const auto last_latch = house.ledger().closings(House::place(roof)).back().span.end.at;
  house.run_for(last_latch + minutes{1} + milliseconds{killed_ms} - house.clock().boot_now());
  house.kill();
  house.run_for(seconds{down_s});
  house.start();
  house.run_for(minutes{3});
  CHECK(export_error_wh(house) == Approx(0.0).margin(2.0 * window_wh));
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("without such a memory a kill costs what the period had seen, and the line says that its export is not all") {
  auto settings = solar_house();
  settings.keeps_live = false;
  House house{settings};
  house.start();
  house.run_for(minutes{2} + seconds{40});
  house.kill();
  house.run_for(seconds{5});
  house.start();
  house.run_for(minutes{3});
  CHECK(export_error_wh(house) < -roof_w * 40.0 / 3600.0);
  bool is_said = false;
  for (const auto& line : house.ledger().closings(House::place(roof)))
    is_said = is_said || line.postings.front().export_is_estimated;
  CHECK(is_said);
}

TEST_CASE("a restart in order bridges the seconds in between, and says so") {
  House house{solar_house()};
  house.start();
  house.run_for(minutes{2} + seconds{20});
  house.stop();
  house.run_for(seconds{4});
  house.start();
  house.run_for(minutes{3});
  CHECK(export_error_wh(house) == Approx(0.0).margin(2.0 * window_wh));
  std::size_t bridged = 0;
  for (const auto& line : house.ledger().closings(House::place(roof))) {
    if (!line.postings.front().export_is_estimated) continue;
    ++bridged;
    CHECK(line.quality == Quality::recovered);
  }
  CHECK(bridged == 1);
}

TEST_CASE("an absence of more than a minute is bridged by nobody: what was seen before it is booked, and no more") {
  House house{solar_house()};
  house.start();
  house.run_for(minutes{2} + seconds{30});
  house.kill();
  house.run_for(minutes{10});
  house.start();
  house.run_for(minutes{3});
  const double unseen_wh = roof_w * 600.0 / 3600.0;
  CHECK(export_error_wh(house) == Approx(-unseen_wh).margin(roof_w * 8.0 / 3600.0));
}

TEST_CASE("what was seen before a latch that was booked is not booked again") {
  House house{solar_house()};
  house.start();
  for (int i = 0; i < 40; ++i) {
    house.run_for(seconds{58} + milliseconds{100} * i);  // over and over, closer to and further from the latch
    house.kill();
    house.run_for(milliseconds{300});
    house.start();
  }
  house.run_for(minutes{2});
  CHECK(std::abs(export_error_wh(house)) < 40 * 2.0 * window_wh);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a full disk while the process dies: what was seen goes with the period that was not stored") {
  House house{solar_house()};
  house.start();
  house.run_for(minutes{2} + seconds{30});
  house.ledger().hook = [](LedgerStep step) -> std::optional<Error> {
    if (step == LedgerStep::before_commit) return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
    return std::nullopt;
  };
  house.run_for(seconds{40});  // one latch, not stored
  house.kill();
  house.ledger().hook = {};
  house.start();
  house.run_for(minutes{3});
  CHECK(export_error_wh(house) == Approx(0.0).margin(roof_w * 12.0 / 3600.0));
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a module that restarted while the process was dead has nothing bridged across its restart") {
  House house{solar_house()};
  house.start();
  house.run_for(minutes{2} + seconds{30});
  house.kill();
  house.inject(simulator::FaultKind::watchdog_reset, roof);
  house.run_for(seconds{20});
  house.start();
  house.run_for(minutes{3});
  CHECK(export_error_wh(house) <= 2.0 * window_wh);
  CHECK(house.ledger().violations.empty());
}
