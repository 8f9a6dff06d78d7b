#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("energy_log shows each posting with its period, energies and totals") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 2};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  const auto round = fleet.round();
  REQUIRE(ledger->commit(round));

  PlainSqlite database{settings.path};
  const auto rows = database.rows("SELECT ts, module, channel, dt_s, quality FROM energy_log ORDER BY module, channel");
  CHECK(rows == std::vector<std::string>{"2026-01-05T00:01:00Z|m0|ch0|60.0|measured", "2026-01-05T00:01:00Z|m0|ch1|60.0|measured",
                                         "2026-01-05T00:01:00Z|m1|ch0|60.0|measured",
                                         "2026-01-05T00:01:00Z|m1|ch1|60.0|measured"});
  const auto& posting = round.modules[1].closings[0].postings[0];
  const std::string where = " FROM energy_log WHERE module = 'm1' AND channel = 'ch0'";
  CHECK(database.real("SELECT e_import_wh" + where) ==
        Approx(static_cast<double>(posting.energy_import.value()) / 1e6).epsilon(1e-12));
  CHECK(database.real("SELECT e_export_wh" + where) ==
        Approx(static_cast<double>(posting.energy_export.value()) / 1e6).epsilon(1e-12));
  CHECK(database.real("SELECT total_import_wh" + where) ==
        Approx(static_cast<double>(posting.total_import.value()) / 1e6).epsilon(1e-12));
  CHECK(database.real("SELECT total_export_wh" + where) ==
        Approx(static_cast<double>(posting.total_export.value()) / 1e6).epsilon(1e-12));
  const double net_uwh = static_cast<double>((posting.energy_import - posting.energy_export).value());
  CHECK(database.real("SELECT avg_p_w" + where) == Approx(net_uwh * 60.0 / 1e6).margin(0.0005));
}

TEST_CASE("the views have exactly the published columns") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  const auto ledger = open_ledger(settings, fleet.now);
  PlainSqlite database{settings.path};
  CHECK(database.text("SELECT group_concat(name) FROM pragma_table_info('energy_log')") ==
        "ts,module,channel,dt_s,avg_p_w,e_import_wh,e_export_wh,total_import_wh,total_export_wh,quality");
  CHECK(database.text("SELECT group_concat(name) FROM pragma_table_info('daily_energy')") ==
        "day,module,channel,import_wh,export_wh");
}

TEST_CASE("every quality has its word, and an adjustment has no power") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto book = [&](metering::Quality quality) {
    if (quality != metering::Quality::adjustment) fleet.pass(seconds{60});
    metering::RoundCommit round;
    round.modules.push_back(fleet.module_commit(0, quality));
    REQUIRE(ledger->commit(round));
  };
  for (const auto quality : {metering::Quality::measured, metering::Quality::recovered, metering::Quality::estimated,
                             metering::Quality::gap, metering::Quality::adjustment}) {
    book(quality);
  }
  PlainSqlite database{settings.path};
  CHECK(database.rows("SELECT quality, avg_p_w IS NULL, dt_s FROM energy_log") ==
        std::vector<std::string>{"measured|0|60.0", "recovered|0|60.0", "estimated|0|60.0", "gap|0|60.0", "adjustment|1|0.0"});
}

TEST_CASE("a condition on ts is asked of rounds, and only their closings are read") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  const auto ledger = open_ledger(settings, fleet.now);
  PlainSqlite database{settings.path};
  std::string plan;
  for (const auto& line : database.rows("EXPLAIN QUERY PLAN SELECT * FROM energy_log WHERE ts > '2026-01-05' AND module = 'm0'"))
    plan += line + "\n";
  INFO(plan);
  CHECK(plan.find("SEARCH c USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)") != std::string::npos);
  CHECK(plan.find("SCAN c") == std::string::npos);
}

TEST_CASE("daily_energy is complete at every moment, the running quarter hour included") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  PlainSqlite database{settings.path};
  for (int i = 0; i < 70; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
    std::int64_t total = 0;
    for (const auto& account : fleet.accounts) {
      for (const auto& channel : account.channels) total += channel.registers.energy_import.value();
    }
    CHECK(database.real("SELECT sum(import_wh) FROM daily_energy") == Approx(static_cast<double>(total) / 1e6).epsilon(1e-12));
    CHECK(database.integer("SELECT count(*) FROM daily_energy") == 6);
  }
  CHECK(database.text("SELECT DISTINCT day FROM daily_energy") == "2026-01-05");
}

TEST_CASE("days are local, with 23 and 25 hours, and add up to the register") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto berlin = TimeZone::find("Europe/Berlin").value();
  struct Case {
    std::int64_t start;
    int hours_of_day;
    const char* day;
  };
  const auto change = GENERATE(Case{1774735200, 23, "2026-03-29"},   // 2026-03-28T22:00Z: 23:00 CET
                               Case{1792872000, 25, "2026-10-25"});  // 2026-10-24T20:00Z: 22:00 CEST
  FleetOfRows fleet{1, 1, change.start};
  auto ledger = open_ledger(settings, fleet.now, berlin);
  fleet.open(*ledger);
  for (int i = 0; i < 4 * 47; ++i) {
    fleet.pass(minutes{15});
    REQUIRE(ledger->commit(fleet.round()));
  }
  ledger.reset();
  PlainSqlite database{settings.path};
  const std::string day = std::string{"'"} + change.day + "'";
  CHECK(database.integer("SELECT count(*) FROM quarter_hours WHERE date(begin_utc_s, 'unixepoch', '" +
                         std::string{change.hours_of_day == 23 ? "+1 hour" : "+2 hours"} + "') = " + day) >=
        4 * (change.hours_of_day - 1));
  // Each quarter hour carries about 16 Wh: the length of the day shows in its energy.
  const double wh = database.real("SELECT import_wh FROM daily_energy WHERE day = " + day);
  CHECK(wh == Approx(16.0 * 4 * change.hours_of_day).margin(0.1));
  CHECK(database.integer("SELECT count(*) FROM daily_energy") == 3);
  expect_sound(settings.path);
}

TEST_CASE("periods that straddle quarter hours and midnight are shared out without loss") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{3, 3};
  fleet.is_sequential = true;
  auto ledger = open_ledger(settings, fleet.now, TimeZone::find("Asia/Kathmandu").value());
  fleet.open(*ledger);
  for (int i = 0; i < 300; ++i) {
    fleet.pass(seconds{7 * 60 + 13} + Microseconds{i * 7919});
    REQUIRE(ledger->commit(fleet.round()));
  }
  fleet.pass(hours{24 * 40});  // a recovered stretch of weeks
  metering::RoundCommit round;
  round.modules.push_back(fleet.module_commit(0, metering::Quality::recovered));
  round.modules.push_back(fleet.module_commit(1, metering::Quality::gap));
  round.modules.push_back(fleet.module_commit(2, metering::Quality::estimated));
  REQUIRE(ledger->commit(round));
  ledger.reset();
  expect_sound(settings.path);  // days and quarter hours add up to the registers to the last micro-watt-hour
  PlainSqlite database{settings.path};
  for (int slot = 0; slot < 3; ++slot) {
    const auto column = "sum(import" + std::to_string(slot) + ")";
    CHECK(database.integer("SELECT " + column + " FROM quarter_hours") == database.integer("SELECT " + column + " FROM days"));
  }
  CHECK(database.integer("SELECT count(*) FROM days WHERE qualities & 8") == 41);  // the gap marks each of its days
  CHECK(database.integer("SELECT count(*) FROM quarter_hours WHERE qualities & 8") == 2);
}
