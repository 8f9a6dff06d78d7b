#include <filesystem>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;

namespace {

/// A program that began to read and never ends.
class StuckReader {
 public:
  explicit StuckReader(const std::string& path) : database_(path) {
    database_.run("BEGIN");
    database_.integer("SELECT count(*) FROM rounds");
  }
  void end() { database_.run("COMMIT"); }

 private:
  PlainSqlite database_;
};

}  // namespace

TEST_CASE("the write-ahead log stays small while readers come and go") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{16, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  std::uint64_t longest = 0;
  for (int i = 0; i < 1440; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->arm(fleet.latches()));
    REQUIRE(ledger->commit(fleet.round()));
    longest = std::max(longest, ledger->health().log_bytes);
    if (i % 10 == 0) PlainSqlite{settings.path}.integer("SELECT count(*) FROM energy_log");
  }
  CHECK(longest < 2'300'000);
  CHECK_FALSE(ledger->health().log_is_blocked);
}

TEST_CASE("a reader that never ends stops rounds at the limit of the log, and nothing is lost when it goes") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.log_limit_bytes = 3U << 20U;
  FleetOfRows fleet{16, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  StuckReader reader{settings.path};
  std::vector<metering::RoundCommit> waiting;
  for (int i = 0; i < 600 && waiting.size() < 20; ++i) {
    fleet.pass(seconds{60});
    auto round = fleet.round();
    if (!waiting.empty()) {
      waiting.push_back(std::move(round));
      continue;
    }
    const auto committed = ledger->commit(round);
    if (committed) continue;
    CHECK(committed.error().is(Errc::ledger_full));
    CHECK(committed.error().remedy == Remedy::wait);
    CHECK(committed.error().detail.find("another program has been reading") != std::string::npos);
    waiting.push_back(std::move(round));
  }
  REQUIRE(waiting.size() == 20);
  CHECK(ledger->health().log_is_blocked);
  CHECK(std::filesystem::file_size(settings.path + "-wal") < settings.log_limit_bytes + 100'000);
  reader.end();
  for (const auto& round : waiting) REQUIRE(ledger->commit(round));
  for (int i = 0; i < 5; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  CHECK_FALSE(ledger->health().log_is_blocked);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a log that a reader made long becomes short again") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{16, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  StuckReader reader{settings.path};
  for (int i = 0; i < 1000; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  CHECK(ledger->health().log_bytes > (6U << 20U));
  reader.end();
  for (int i = 0; i < 60; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  CHECK(ledger->health().log_bytes <= 4U << 20U);
}

TEST_CASE("a person who holds the write lock for a moment delays a round and loses nothing") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  PlainSqlite person{settings.path, true};
  person.run("BEGIN IMMEDIATE");
  fleet.pass(seconds{60});
  const auto round = fleet.round();
  const auto refused = ledger->commit(round);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::ledger_busy));
  CHECK(refused.error().remedy == Remedy::wait);
  person.run("ROLLBACK");
  REQUIRE(ledger->commit(round));
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
}

TEST_CASE("at the limit of the log nothing is written any more, and labels that were to be corrected then are corrected later") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.log_limit_bytes = 256U << 10U;
  FleetOfRows fleet{4, 3, 3600};
  fleet.now.utc_is_trusted = false;
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  StuckReader reader{settings.path};
  const auto is_refused = [](const auto& result) {
    return !result && result.error().is(Errc::ledger_full) && result.error().remedy == Remedy::wait;
  };
  metering::RoundCommit waiting;
  for (int i = 0; i < 2000; ++i) {
    fleet.pass(seconds{60});
    waiting = fleet.round();
    if (is_refused(ledger->commit(waiting))) break;
  }
  const auto log = [&settings] { return std::filesystem::file_size(settings.path + "-wal"); };
  const auto length = log();
  REQUIRE(length >= settings.log_limit_bytes);

  CHECK(is_refused(ledger->arm(fleet.latches())));
  CHECK(is_refused(ledger->record({fleet.now, "m0", "ch0", "test", "an event"})));
  CHECK(is_refused(ledger->set_state("mqtt.retired", "something")));
  CHECK(is_refused(ledger->maintain(fleet.now.utc, false)));
  const metering::AccountRequest other{"another", chip_number(77), {{ChannelIndex{0}, "ch0"}}, fleet.now.utc};
  CHECK(is_refused(ledger->open_account(other)));
  const auto offset = seconds{FleetOfRows::monday} - fleet.now.at.time_since_epoch();
  CHECK(is_refused(ledger->relabel(fleet.now.boot, offset, fleet.now.at)));
  CHECK(log() == length);
  // What is known can be opened: nothing has to be written for it.
  FleetOfRows again = fleet;
  again.open(*ledger);
  CHECK(log() == length);

  reader.end();
  REQUIRE(ledger->commit(waiting));
  PlainSqlite database{settings.path};
  CHECK(database.integer("SELECT count(*) FROM rounds WHERE label <> 1") == 0);
  CHECK(database.text("SELECT max(ts) FROM rounds") == "2026-01-05T00:00:00Z");
  const auto upkeep = ledger->maintain(UtcTime{seconds{FleetOfRows::monday}}, true);
  REQUIRE(upkeep);
  REQUIRE(upkeep->notices.size() == 1);
  CHECK(upkeep->notices[0].text.find("are right now") != std::string::npos);
  REQUIRE(ledger->open_account(other));
  ledger.reset();
  expect_sound(settings.path);
}
