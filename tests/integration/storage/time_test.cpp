#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr std::int64_t wrong_year = 3600;  // 1970-01-01T01:00:00Z: a host without a battery clock

Microseconds true_offset(const FleetOfRows& fleet, std::int64_t utc_of_now) {
  return seconds{utc_of_now} - fleet.now.at.time_since_epoch();
}

/// A metered minute, then a reboot into a clock that nobody vouches for. When the power went.
UtcTime reboot_without_clock(const storage::Settings& settings, FleetOfRows& fleet) {
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const UtcTime off_at = fleet.now.utc;
  fleet.reboot(2, seconds{0});  // as far as the clock of this boot knows
  fleet.now.utc -= hours{5};
  fleet.now.utc_is_trusted = false;
  return off_at;
}

metering::RoundCommit gaps_of_unknown_length(FleetOfRows& fleet) {
  metering::RoundCommit gaps;
  for (std::size_t m = 0; m < 2; ++m) {
    gaps.modules.push_back(fleet.module_commit(m, metering::Quality::gap));
    gaps.modules.back().closings.front().note = "the length is not known";
  }
  return gaps;
}

}  // namespace

TEST_CASE("labels of a boot without a clock are corrected when the clock is known") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3, wrong_year};
  fleet.now.utc_is_trusted = false;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 100; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  PlainSqlite database{settings.path};
  CHECK(database.integer("SELECT count(*) FROM days") == 0);  // nothing is rolled up under a wrong date
  const double before = database.real("SELECT sum(import_wh) FROM daily_energy");
  CHECK(before > 0.0);  // but nothing is hidden either
  CHECK(database.text("SELECT DISTINCT day FROM daily_energy") == "1970-01-01");

  const auto corrected = ledger->relabel(fleet.now.boot, true_offset(fleet, FleetOfRows::monday + 3600));
  REQUIRE(corrected);
  CHECK(*corrected == 100);
  CHECK(database.text("SELECT max(ts) FROM energy_log") == "2026-01-05T01:00:00Z");
  CHECK(database.text("SELECT min(ts) FROM energy_log") == "2026-01-04T23:21:00Z");
  CHECK(database.real("SELECT sum(import_wh) FROM daily_energy") == Approx(before).epsilon(1e-12));
  CHECK(database.rows("SELECT DISTINCT day FROM daily_energy") == std::vector<std::string>{"2026-01-04", "2026-01-05"});

  FleetOfRows after = fleet;
  after.open(*ledger);
  CHECK(after.accounts[0].covered_until->utc == UtcTime{seconds{FleetOfRows::monday + 3600}});
  CHECK(after.accounts[0].covered_until->utc_is_trusted);
  REQUIRE(after.accounts[0].anchor);
  CHECK(after.accounts[0].anchor->at.utc == UtcTime{seconds{FleetOfRows::monday + 3600}});
  CHECK(after.accounts[0].anchor->at.utc_is_trusted);
  REQUIRE(after.accounts[0].intent);
  CHECK(after.accounts[0].intent->at.utc == UtcTime{seconds{FleetOfRows::monday + 3660}});

  // And metering goes on with the right clock.
  fleet.now.utc = UtcTime{seconds{FleetOfRows::monday + 3600}};
  fleet.now.utc_is_trusted = true;
  for (int i = 0; i < 30; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  CHECK(ledger->relabel(fleet.now.boot, Microseconds{0}).value() == 0);  // trusted labels are never touched
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a restart within a boot without a clock leaves its labels open for correction") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 2, wrong_year};
  fleet.now.utc_is_trusted = false;
  for (int process = 0; process < 3; ++process) {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 20; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  auto ledger = open_ledger(settings, fleet.now);
  CHECK(ledger->relabel(fleet.now.boot, true_offset(fleet, FleetOfRows::monday)).value() == 60);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a gap across a reboot gets its length when the clock is set") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 2};
  const UtcTime off_at = reboot_without_clock(settings, fleet);
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto gaps = gaps_of_unknown_length(fleet);
  REQUIRE(ledger->commit(gaps));
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  PlainSqlite database{settings.path};
  CHECK(database.rows("SELECT dt_s FROM energy_log WHERE quality = 'gap'") == std::vector<std::string>(4, "0.0"));

  // An hour had passed when the gap ended, 60 s before now.
  const Microseconds offset = off_at + hours{1} + seconds{60} - UtcTime{fleet.now.at.time_since_epoch()};
  CHECK(ledger->relabel(fleet.now.boot, offset).value() == 2);
  CHECK(database.rows("SELECT dt_s FROM energy_log WHERE quality = 'gap'") == std::vector<std::string>(4, "3600.0"));
  CHECK(database.text("SELECT min(text) FROM remarks") ==
        "the length is not known; the clock was set later: between 0 and 23001 Wh on each channel, the most it can carry in 3600 "
        "s");
  CHECK(database.integer("SELECT count(*) FROM quarter_hours WHERE qualities & 8 AND mount = 1") == 2);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("labels that can no longer be corrected are taken as they are") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 2, wrong_year};
  fleet.now.utc_is_trusted = false;
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 20; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  fleet.reboot(2, seconds{0});
  fleet.now.utc = UtcTime{seconds{FleetOfRows::monday}};
  fleet.now.utc_is_trusted = true;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  CHECK(ledger->relabel(boot_number(1), Microseconds{0}).value() == 0);
  ledger.reset();
  expect_sound(settings.path);
  PlainSqlite database{settings.path};
  CHECK(database.integer("SELECT count(*) FROM rounds WHERE label = 2") == 20);
  CHECK(database.integer("SELECT count(*) FROM days WHERE day = 0") == 1);
}

TEST_CASE("a clock that is stepped back neither loses nor doubles energy") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 2};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 200; ++i) {
    fleet.pass(seconds{60});
    if (i == 50) fleet.now.utc -= hours{30};
    if (i == 100) fleet.now.utc += hours{100};
    REQUIRE(ledger->commit(fleet.round()));
  }
  ledger.reset();
  expect_sound(settings.path);
  FleetOfRows after = fleet;
  ledger = open_ledger(settings, fleet.now);
  after.open(*ledger);
  expect_same_registers(fleet, after);
}

TEST_CASE("several rounds in one second and modules on both sides of it keep their exact ends") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{5, 1};
  fleet.is_sequential = true;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(std::chrono::milliseconds{997});  // modules end at .997 .998 .999 1.000 1.001
  REQUIRE(ledger->commit(fleet.round()));
  REQUIRE(ledger->commit(fleet.round()));
  PlainSqlite database{settings.path};
  CHECK(database.rows("SELECT ts, count(*) FROM energy_log GROUP BY ts") ==
        std::vector<std::string>{"2026-01-05T00:00:00Z|3", "2026-01-05T00:00:01Z|7"});
  FleetOfRows after = fleet;
  after.open(*ledger);
  for (std::size_t m = 0; m < 5; ++m) CHECK(after.accounts[m].covered_until->at == fleet.covered[fleet.accounts[m].place].at);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a period across host boots is marked and accepted, a hole between boots is found") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
    fleet.reboot(2, hours{1});
  }
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  SECTION("recovered") {
    REQUIRE(ledger->commit(fleet.round()));
    ledger.reset();
    expect_sound(settings.path);
    CHECK(PlainSqlite{settings.path}.text("SELECT dt_s FROM energy_log ORDER BY ts DESC LIMIT 1") == "3600.0");
  }
  SECTION("forgotten") {
    fleet.covered[fleet.accounts[0].place] = fleet.now;
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
    ledger.reset();
    const auto verdict = storage::verify_ledger(settings.path);
    REQUIRE(verdict);
    REQUIRE(verdict->first_violation);
    CHECK(verdict->first_violation->rule == "I3");
  }
}

TEST_CASE("rounds that waited for the disk while the clock was set are labelled right, and are in quarter hours and days") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3, wrong_year};
  fleet.now.utc_is_trusted = false;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  std::vector<metering::RoundCommit> waiting;
  for (int i = 0; i < 3; ++i) {
    fleet.pass(seconds{60});
    waiting.push_back(fleet.round());
  }
  // 2026-01-05T01:00:00Z is now.
  const auto offset = true_offset(fleet, FleetOfRows::monday + 3600);
  CHECK(ledger->relabel(fleet.now.boot, offset, fleet.now.at).value() == 1);
  for (const auto& round : waiting) REQUIRE(ledger->commit(round));

  PlainSqlite database{settings.path};
  CHECK(database.rows("SELECT ts, label FROM rounds ORDER BY id") ==
        std::vector<std::string>{"2026-01-05T00:57:00Z|1", "2026-01-05T00:58:00Z|1", "2026-01-05T00:59:00Z|1",
                                 "2026-01-05T01:00:00Z|1"});
  FleetOfRows after = fleet;
  after.open(*ledger);
  const UtcTime now{seconds{FleetOfRows::monday + 3600}};
  CHECK(after.accounts[0].covered_until->utc == now);
  CHECK(after.accounts[0].covered_until->utc_is_trusted);
  REQUIRE(after.accounts[0].anchor);
  CHECK(after.accounts[0].anchor->at.utc == now);
  CHECK(after.accounts[0].anchor->at.utc_is_trusted);
  REQUIRE(after.accounts[0].intent);
  CHECK(after.accounts[0].intent->at.utc == now + seconds{60});
  CHECK(after.accounts[0].intent->at.utc_is_trusted);

  // A label that was taken later by a clock that nobody vouches for is not touched.
  fleet.now.utc = now + seconds{7};
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  CHECK(database.text("SELECT ts || label FROM rounds ORDER BY id DESC LIMIT 1") == "2026-01-05T01:01:07Z0");
  ledger.reset();
  expect_sound(settings.path);
  ledger = open_ledger(settings, fleet.now);
  ledger.reset();
  CHECK(database.text("SELECT DISTINCT day FROM daily_energy") == "2026-01-05");
}

TEST_CASE("a gap across a reboot that waited for the disk while the clock was set gets its length too") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 2};
  const UtcTime off_at = reboot_without_clock(settings, fleet);
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto gaps = gaps_of_unknown_length(fleet);
  // An hour had passed when the gap ended, just now.
  REQUIRE(ledger->relabel(fleet.now.boot, off_at + hours{1} - UtcTime{fleet.now.at.time_since_epoch()}, fleet.now.at));
  REQUIRE(ledger->commit(gaps));
  PlainSqlite database{settings.path};
  CHECK(database.rows("SELECT dt_s FROM energy_log WHERE quality = 'gap'") == std::vector<std::string>(4, "3600.0"));
  CHECK(database.integer("SELECT count(*) FROM remarks WHERE text LIKE 'the length is not known; the clock was set later:%'") ==
        2);
  CHECK(database.integer("SELECT count(*) FROM quarter_hours WHERE qualities & 8 AND mount = 1") == 2);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("labels that a process left behind are corrected by the trusted rounds after them, also when their boot has ended") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 2, wrong_year};
  fleet.now.utc_is_trusted = false;
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    const auto rounds = [&](int count) {
      for (int i = 0; i < count; ++i) {
        fleet.pass(seconds{60});
        REQUIRE(ledger->commit(fleet.round()));
      }
    };
    rounds(20);
    fleet.now.utc = UtcTime{seconds{FleetOfRows::monday + 3600}};
    fleet.now.utc_is_trusted = true;
    rounds(5);
    fleet.now.utc_is_trusted = false;
    fleet.now.utc += seconds{13};
    rounds(2);
  }
  PlainSqlite database{settings.path};
  REQUIRE(database.integer("SELECT count(*) FROM rounds WHERE label = 0") == 22);
  SECTION("in the same boot") {
    open_ledger(settings, fleet.now).reset();
    CHECK(database.integer("SELECT count(*) FROM rounds WHERE label = 0") == 2);  // still open for a correction
  }
  SECTION("after a reboot") {
    fleet.reboot(2, seconds{60});
    open_ledger(settings, fleet.now).reset();
    CHECK(database.integer("SELECT count(*) FROM rounds WHERE label = 2") == 2);
  }
  CHECK(database.integer("SELECT count(*) FROM rounds WHERE label = 1") == 25);
  CHECK(database.text("SELECT min(ts) FROM rounds") == "2026-01-05T00:41:00Z");
  CHECK(database.text("SELECT DISTINCT day FROM daily_energy") == "2026-01-05");
  expect_sound(settings.path);
}
