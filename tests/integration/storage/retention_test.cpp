#include <filesystem>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

void keep_up(storage::Ledger& ledger, const FleetOfRows& fleet) {
  for (;;) {
    const auto upkeep = ledger.maintain(fleet.now.utc, fleet.now.utc_is_trusted);
    REQUIRE(upkeep);
    if (!upkeep->has_more) return;
  }
}

metering::RoundCommit adjustment(FleetOfRows& fleet, std::int64_t amount_uwh) {
  auto& account = fleet.accounts[0];
  auto& channel = account.channels[0];
  channel.registers.energy_import += MicroWattHours{amount_uwh};
  metering::Closing closing{
      account.place,
      account.module,
      {fleet.now, fleet.now, Microseconds::zero()},
      metering::Quality::adjustment,
      metering::Reason::correction,
      "read from the utility's meter",
      {{channel.key, MicroWattHours{amount_uwh}, MicroWattHours{0}, channel.registers.energy_import,
        channel.registers.energy_export, channel.registers.import_remainder, channel.registers.export_remainder, false}}};
  metering::RoundCommit round;
  round.modules.push_back({account.place, account.module, {closing}, {}, {}, {}});
  return round;
}

}  // namespace

TEST_CASE("old closings are folded without changing a register or a day") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{48};
  settings.quarter_hour_retention = hours{24 * 6};
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 24 * 12 * 10; ++i) {  // ten days of five-minute periods
    fleet.pass(minutes{5});
    REQUIRE(ledger->commit(fleet.round()));
    if (i == 100) REQUIRE(ledger->commit(adjustment(fleet, 5'000'000)));
    if (i % 12 == 0) keep_up(*ledger, fleet);
  }
  keep_up(*ledger, fleet);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  ledger.reset();
  const auto verdict = expect_sound(settings.path);
  // 48 hours and at most the slack of three
  CHECK(verdict.rounds <= 51 * 12 + 2);
  CHECK(verdict.rounds >= 48 * 12);

  PlainSqlite database{settings.path};
  CHECK(database.integer("SELECT count(*) FROM daily_energy") == 10 * 6);  // days stay
  CHECK(database.text("SELECT min(datetime(begin_utc_s, 'unixepoch')) FROM quarter_hours") >= "2026-01-08 18:00:00");
  CHECK(database.text("SELECT min(datetime(begin_utc_s, 'unixepoch')) FROM quarter_hours") <= "2026-01-09 00:15:00");
  // The adjustment of the first day is still there, with its words.
  CHECK(database.text("SELECT min(ts) || quality FROM energy_log") == "2026-01-05T08:25:00Zadjustment");
  CHECK(database.text("SELECT text FROM remarks") == "read from the utility's meter");
  const auto& registers = fleet.accounts[0].channels[0].registers;
  CHECK(database.real("SELECT sum(import_wh) FROM daily_energy WHERE module = 'm0' AND channel = 'ch0'") ==
        Approx(static_cast<double>(registers.energy_import.value()) / 1e6).epsilon(1e-12));
}

TEST_CASE("round numbers are never given twice, even when everything was folded") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{24};
  FleetOfRows fleet{1, 1};
  std::int64_t last = 0;
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 100; ++i) {
      fleet.pass(minutes{1});
      REQUIRE(ledger->commit(fleet.round()));
    }
    last = PlainSqlite{settings.path}.integer("SELECT max(id) FROM rounds");
  }
  fleet.pass(hours{24 * 400});
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    keep_up(*ledger, fleet);
  }
  CHECK(PlainSqlite{settings.path}.integer("SELECT count(*) FROM rounds") == 0);
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  REQUIRE(ledger->commit(fleet.round()));
  CHECK(PlainSqlite{settings.path}.integer("SELECT min(id) FROM rounds") > last);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("the file stops growing when retention has begun") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{24};
  settings.quarter_hour_retention = hours{48};
  FleetOfRows fleet{4, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto days = [&](int count) {
    for (int i = 0; i < count * 24 * 60; ++i) {
      fleet.pass(minutes{1});
      REQUIRE(ledger->commit(fleet.round()));
      if (i % 60 == 0) keep_up(*ledger, fleet);
    }
    return PlainSqlite{settings.path}.integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  };
  // Numbers of rounds need one byte more from 8192 on, in the sixth day, which is a row less on each page; the next time is in
  // two years.
  const auto settled = days(8);
  const auto later = days(5);
  INFO(settled << " bytes after eight days, " << later << " after thirteen");
  CHECK(later <= settled + settled / 50);  // only days grow: four rows each
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a shorter retention gives pages back to the file system") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{8, 3};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 24 * 60 * 6; ++i) {
      fleet.pass(minutes{1});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  const auto before = std::filesystem::file_size(settings.path);
  settings.raw_retention = hours{24};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    keep_up(*ledger, fleet);
    FleetOfRows after = fleet;
    after.open(*ledger);
    expect_same_registers(fleet, after);
  }
  CHECK(std::filesystem::file_size(settings.path) < before * 3 / 4);
  expect_sound(settings.path);
}

TEST_CASE("a clock that stands before the ledger folds nothing, one that nobody vouches for waits longer") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{24};
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 36 * 60; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
  }
  PlainSqlite database{settings.path};
  const auto all = database.integer("SELECT count(*) FROM rounds");
  FleetOfRows wrong = fleet;
  wrong.now.utc = UtcTime{std::chrono::seconds{1000}};
  keep_up(*ledger, wrong);
  CHECK(database.integer("SELECT count(*) FROM rounds") == all);
  wrong.now.utc = fleet.now.utc;
  wrong.now.utc_is_trusted = false;
  keep_up(*ledger, wrong);
  CHECK(database.integer("SELECT count(*) FROM rounds") == all);
  keep_up(*ledger, fleet);
  CHECK(database.integer("SELECT count(*) FROM rounds") < all);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a host whose clock is never trusted keeps a bounded file and all its energy") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{24};
  FleetOfRows fleet{1, 2};
  fleet.now.utc_is_trusted = false;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 24 * 60 * 5; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
    if (i % 60 == 0) keep_up(*ledger, fleet);
  }
  CHECK(PlainSqlite{settings.path}.integer("SELECT count(*) FROM rounds") <= (48 + 8) * 60);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("rounds labelled by a wrong clock do not keep their successors for ever") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{24};
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto right = fleet.now.utc;
  fleet.now.utc += hours{24 * 3650};  // ten years ahead for a while
  for (int i = 0; i < 200; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
  }
  fleet.now.utc = right + minutes{200};
  for (int i = 0; i < 48 * 60; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
    if (i % 60 == 0) keep_up(*ledger, fleet);
  }
  CHECK(PlainSqlite{settings.path}.integer("SELECT count(*) FROM rounds WHERE ts > '2030'") == 0);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a host that boots in the past folds nothing, and goes on where it was when its clock is known") {
  const auto wrong_clock = GENERATE(std::int64_t{3600}, std::int64_t{946'684'800});  // 1970 and 2000
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));  // 90 days
  FleetOfRows fleet{1, 1};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 24 * 100; ++i) {
      fleet.pass(hours{1});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  const std::string inside = "SELECT count(*) FROM rounds WHERE end_utc_us > " +
                             std::to_string((fleet.now.utc - hours{24 * 90}).time_since_epoch().count());
  REQUIRE(PlainSqlite{settings.path}.integer(inside) == 24 * 90);

  fleet.reboot(2, minutes{1});
  const Microseconds behind = fleet.now.utc - UtcTime{std::chrono::seconds{wrong_clock}};
  fleet.now.utc -= behind;
  fleet.now.utc_is_trusted = false;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 10; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
    keep_up(*ledger, fleet);
  }
  PlainSqlite database{settings.path};
  CHECK(database.integer(inside) == 24 * 90);
  CHECK(database.integer("SELECT count(*) FROM rounds") == 24 * 100 + 10);

  fleet.now.utc += behind;
  fleet.now.utc_is_trusted = true;
  REQUIRE(ledger->relabel(fleet.now.boot, fleet.now.utc.time_since_epoch() - fleet.now.at.time_since_epoch(), fleet.now.at));
  fleet.pass(minutes{1});
  REQUIRE(ledger->commit(fleet.round()));
  keep_up(*ledger, fleet);
  CHECK(database.integer(inside) == 24 * 90 + 11);
  CHECK(database.integer("SELECT count(*) FROM rounds") == 24 * 90 + 11);  // what is beyond the retention went now
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("labels that look like the future to a clock that nobody vouches for are left alone") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = hours{24};
  FleetOfRows fleet{1, 1};
  fleet.now.utc_is_trusted = false;  // never was: only labels of this kind are there to compare with
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 200; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
  }
  fleet.now.utc = UtcTime{std::chrono::seconds{3600}};
  for (int i = 0; i < 10; ++i) {
    fleet.pass(minutes{1});
    REQUIRE(ledger->commit(fleet.round()));
    keep_up(*ledger, fleet);
  }
  CHECK(PlainSqlite{settings.path}.integer("SELECT count(*) FROM rounds") == 210);
  ledger.reset();
  expect_sound(settings.path);
}
