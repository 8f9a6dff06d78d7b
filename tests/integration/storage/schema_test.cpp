#include "storage/schema.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using namespace rbamp::storage;

TEST_CASE("an upgrade that is interrupted goes on where it stopped") {
  const TemporaryDirectory folder;
  const auto path = folder.file("steps.db");
  constexpr std::array<std::string_view, 2> with_fault{"CREATE TABLE a(x); INSERT INTO a VALUES(1)",
                                                       "CREATE TABLE b(x); CREATE TABLE nonsense("};
  constexpr std::array<std::string_view, 3> repaired{"CREATE TABLE a(x); INSERT INTO a VALUES(1)",
                                                     "CREATE TABLE b(x); INSERT INTO b SELECT x FROM a",
                                                     "ALTER TABLE b ADD COLUMN y DEFAULT 7"};
  {
    Connection connection{path, Connection::Access::create};
    CHECK_THROWS_AS(upgrade(connection, with_fault), Failure);
    CHECK(connection.integer("PRAGMA user_version") == 1);
    CHECK(connection.integer("SELECT count(*) FROM sqlite_schema") == 1);  // nothing of the step that failed
  }
  Connection connection{path, Connection::Access::read_write};
  upgrade(connection, repaired);
  CHECK(connection.integer("PRAGMA user_version") == 3);
  CHECK(connection.integer("SELECT count(*) FROM a") == 1);  // the first step ran once
  CHECK(connection.integer("SELECT y FROM b WHERE x = 1") == 7);
  upgrade(connection, repaired);
  CHECK(connection.integer("SELECT count(*) FROM b") == 1);
}

TEST_CASE("the schema can be read by a plain sqlite3") {
  REQUIRE(schema_steps().size() >= 2);
  SQLite::Database database{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  for (const auto step : schema_steps()) {
    CHECK(step.size() > 100);
    CHECK_NOTHROW(database.exec(std::string{step}));
  }
}

namespace {

const std::filesystem::path stored_ledgers = std::filesystem::path{RBAMP_SOURCE_DIR} / "tests/data/ledger";

/// Everything a ledger can hold, in a day: lines of each quality, notes, resets, events, texts, labels that wait for the clock.
void fill(storage::Ledger& ledger, FleetOfRows& fleet) {
  fleet.open(ledger);
  REQUIRE(ledger.set_state("mqtt.retired", "something"));
  for (int i = 0; i < 96; ++i) {
    fleet.pass(std::chrono::minutes{15});
    REQUIRE(ledger.arm(fleet.latches()));
    auto round = fleet.round();
    if (i == 10) round.modules[0].reset = metering::ResetSeen{fleet.now, 17, 4};
    if (i == 10) REQUIRE(ledger.record({fleet.now, "m0", "ch0", "reset", "the module restarted"}));
    REQUIRE(ledger.commit(round));
    for (const auto quality : {metering::Quality::recovered, metering::Quality::estimated, metering::Quality::gap}) {
      if (i != 20) continue;
      fleet.pass(std::chrono::minutes{7});
      metering::RoundCommit one;
      one.modules.push_back(fleet.module_commit(1, quality));
      one.modules[0].closings[0].reason = metering::Reason::own_downtime;
      one.modules[0].closings[0].note = "at most 12 Wh";
      REQUIRE(ledger.commit(one));
    }
    REQUIRE(ledger.maintain(fleet.now.utc, fleet.now.utc_is_trusted));
    fleet.now.utc_is_trusted = i < 80;
  }
}

}  // namespace

TEST_CASE("a step that changes tables keeps what the stored ledger holds") {
  const TemporaryDirectory folder;
  const auto path = folder.file("energy.db");
  std::filesystem::copy_file(stored_ledgers / "schema-001.db", path);
  const auto before = PlainSqlite{path}.rows("SELECT * FROM energy_log ORDER BY ts, module, channel");
  const std::array<std::string_view, 2> steps{
      schema_steps()[0],
      "ALTER TABLE channels ADD COLUMN phase INTEGER; UPDATE channels SET phase = input + 1; DROP VIEW daily_energy"};
  Connection connection{path, Connection::Access::read_write};
  upgrade(connection, steps);
  CHECK(connection.integer("PRAGMA user_version") == 2);
  CHECK(connection.integer("SELECT sum(phase) FROM channels") == 2 * (1 + 2 + 3));
  CHECK(PlainSqlite{path}.rows("SELECT * FROM energy_log ORDER BY ts, module, channel") == before);
}

TEST_CASE("every released schema is upgraded with its registers, lines and days") {
  std::vector<std::filesystem::path> released;
  for (const auto& entry : std::filesystem::directory_iterator{stored_ledgers}) {
    if (entry.path().extension() == ".db") released.push_back(entry.path());
  }
  REQUIRE(released.size() == schema_steps().size());  // one per released step
  for (const auto& stored : released) {
    INFO(stored);
    const TemporaryDirectory folder;
    const auto path = folder.file("energy.db");
    std::filesystem::copy_file(stored, path);
    const auto version = PlainSqlite{path}.integer("PRAGMA user_version");
    CHECK("schema-00" + std::to_string(version) == stored.stem());
    const auto lines = PlainSqlite{path}.rows("SELECT * FROM energy_log ORDER BY ts, module, channel");
    const auto days = PlainSqlite{path}.rows("SELECT * FROM daily_energy ORDER BY day, module, channel");
    CHECK(lines.size() == 96 * 6 + 3 * 3);
    CHECK(days.size() == 2 * 6);

    FleetOfRows fleet{2, 3};
    fleet.pass(std::chrono::hours{24 * 3});
    auto opened = storage::Ledger::open(settings_for(path), TimeZone::utc(), fleet.now);
    if (!opened) FAIL(opened.error().detail);
    const auto newest = static_cast<std::int64_t>(schema_steps().size());
    REQUIRE(opened->notices.size() == (version < newest ? 1 : 0));  // an upgrade is told once
    auto& ledger = *opened->ledger;
    fleet.open(ledger);
    CHECK(ledger.last_gc_tick() == 96);
    CHECK(ledger.get_state("mqtt.retired").value() == "something");
    for (auto& account : fleet.accounts) {
      REQUIRE(account.anchor);
      REQUIRE(account.intent);
      REQUIRE(account.covered_until);
      CHECK(account.anchor->at.at == account.covered_until->at);
      fleet.covered[account.place] = *account.covered_until;
      for (const auto& channel : account.channels) {
        const auto total = PlainSqlite{path}.real("SELECT max(total_import_wh) FROM energy_log WHERE module = '" +
                                                  account.place_id + "' AND channel = '" + channel.id + "'");
        CHECK(static_cast<double>(channel.registers.energy_import.value()) / 1e6 == Approx(total).epsilon(1e-12));
        CHECK(total > 1500.0);
      }
    }
    CHECK(PlainSqlite{path}.rows("SELECT * FROM energy_log ORDER BY ts, module, channel") == lines);
    CHECK(PlainSqlite{path}.rows("SELECT * FROM daily_energy ORDER BY day, module, channel") == days);
    REQUIRE(ledger.commit(fleet.round()));  // and goes on
    opened->ledger.reset();
    expect_sound(path);
    CHECK(PlainSqlite{path}.integer("PRAGMA user_version") == newest);
  }
}

// Not run with the others: makes the file that a release adds to tests/data/ledger. docs/storage.md says when.
TEST_CASE("the ledger of this version, for tests of later ones", "[.store]") {
  const char* const target = std::getenv("RBAMP_STORED_LEDGER");
  REQUIRE(target != nullptr);
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings_for(target), fleet.now);
  fill(*ledger, fleet);
  ledger.reset();
  expect_sound(target);
  for (const char* beside : {".lock", ".registers", "-wal", "-shm"}) std::filesystem::remove(std::string{target} + beside);
}
