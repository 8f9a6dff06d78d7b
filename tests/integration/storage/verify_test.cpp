// Each rule of the verification is broken by hand, and must be the one that is named.
#include "storage/verify.hpp"

#include <sqlite3.h>

#include <filesystem>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;

TEST_CASE("verification counts what it read") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 33; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  const auto verdict = expect_sound(settings.path);  // while the daemon has it open
  CHECK(verdict.rounds == 33);
  CHECK(verdict.closings == 66);
  CHECK(verdict.postings == 198);
}

TEST_CASE("the first offending row is named with its rule") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 50; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  struct Case {
    const char* sql;
    const char* rule;
    const char* where;
  };
  const auto broken = GENERATE(values<Case>({
      {"UPDATE closings SET import1 = import1 + 1 WHERE id = (7 << 8)", "I1", "m0/ch1, closing 1792"},
      {"UPDATE closings SET total_export0 = total_export0 + 1 WHERE id = (7 << 8 | 1)", "I1", "m1/ch0, closing 1793"},
      {"UPDATE closings SET import0 = -5 WHERE id = (9 << 8)", "I2", "closing 2304"},
      {"UPDATE closings SET length_us = length_us - 1 WHERE id = (9 << 8)", "I3", "m0/ch0, closing 2304"},
      {"UPDATE closings SET end_offset_us = 5 WHERE id = (9 << 8)", "I3", "m0/ch0, closing 2304"},
      {"DELETE FROM closings WHERE id = (9 << 8)", "I1", "m0/ch0, closing 2560"},
      {"DELETE FROM rounds WHERE id = 9", "rows", "closing 2304"},
      {"UPDATE closings SET mount = 77 WHERE id = (9 << 8)", "rows", "closing 2304"},
      {"UPDATE closings SET quality = 17 WHERE id = (9 << 8)", "rows", "closing 2304"},
      {"UPDATE closings SET reason = 99 WHERE id = (9 << 8)", "rows", "closing 2304"},
      {"UPDATE closings SET length_us = -1 WHERE id = (9 << 8)", "rows", "closing 2304"},
      {"UPDATE closings SET quality = 3 WHERE id = (9 << 8)", "rows", "closing 2304"},  // a gap with energy
      {"UPDATE closings SET quality = 4 WHERE id = (9 << 8)", "rows", "closing 2304"},  // an adjustment that covers time
      {"UPDATE closings SET total_import2 = -1 WHERE id = (9 << 8)", "rows", "closing 2304"},
      {"UPDATE closings SET length_us = length_us + 7 WHERE id = (9 << 8)", "I3", "m0/ch0, closing 2304"},  // covered twice
      {"UPDATE closings SET flags = flags | 8 WHERE id = (9 << 8)", "I3", "m0/ch0, closing 2304"},
      {"UPDATE rounds SET boot = (SELECT max(id) + 1 FROM boots) WHERE id = 9", "I3", "m0/ch0, closing 2304"},
      {"UPDATE rounds SET end_us = end_us + 1 WHERE id = 9", "I3", "m0/ch0, closing 2304"},
      {"DELETE FROM mount_channels WHERE mount = 1 AND slot = 2", "rows", "closing 256"},
      {"UPDATE mount_channels SET channel = 77 WHERE mount = 1 AND slot = 2", "rows", "mount 1"},
      {"DELETE FROM mounts WHERE id = 2", "rows", "mount 2"},
      {"DELETE FROM book", "rows", "book"},
      {"UPDATE places SET covered_us = covered_us + 3600000000 WHERE id = 1", "I3", "m0"},
      {"UPDATE anchors SET at_us = at_us - 60000000 WHERE module = 2", "I5", "m1"},
      {"UPDATE anchors SET at_us = at_us + 1000 WHERE module = 2", "I3", "m1"},
      {"DELETE FROM closings WHERE id = (SELECT max(id) FROM closings)", "I3", "m1"},  // the newest line of all
      {"UPDATE registers SET total_import = total_import + 1 WHERE channel = 2", "registers", "m0/ch1"},
      {"UPDATE registers SET folded_import = folded_import + 1 WHERE channel = 2", "I1", "m0/ch1, closing 256"},
      {"DELETE FROM registers WHERE channel = 2", "registers", "m0/ch1"},
      {"UPDATE days SET import2 = import2 - 1 WHERE id = (SELECT min(id) FROM days)", "days", "m0/ch2"},
      {"DELETE FROM days", "days", "m0/ch0"},
      {"UPDATE book SET rolled_up_through = rolled_up_through - 1", "registers", "m0/ch0"},
  }));
  PlainSqlite{settings.path, true}.run(broken.sql);
  const auto verdict = storage::verify_ledger(settings.path);
  REQUIRE(verdict);
  INFO(broken.sql);
  REQUIRE(verdict->first_violation);
  INFO(verdict->first_violation->rule << ": " << verdict->first_violation->where << ": " << verdict->first_violation->what);
  CHECK(verdict->first_violation->rule == broken.rule);
  CHECK(verdict->first_violation->where.find(broken.where) != std::string::npos);
  CHECK_FALSE(verdict->first_violation->what.empty());
}

TEST_CASE("time that nobody covered is found, with its amount") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  fleet.pass(seconds{7});
  fleet.covered[fleet.accounts[0].place] = fleet.now;
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const auto verdict = storage::verify_ledger(settings.path);
  REQUIRE(verdict);
  REQUIRE(verdict->first_violation);
  CHECK(verdict->first_violation->rule == "I3");
  CHECK(verdict->first_violation->what == "7000000 us before it are not covered");
}

TEST_CASE("a ledger that is older than what was published is found") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
    REQUIRE(ledger->backup(folder.file("backup.db")));
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  expect_sound(settings.path);
  expect_sound(folder.file("backup.db"));
  std::filesystem::copy_file(folder.file("backup.db"), settings.path, std::filesystem::copy_options::overwrite_existing);
  const auto verdict = storage::verify_ledger(settings.path);
  REQUIRE(verdict);
  REQUIRE(verdict->first_violation);
  CHECK(verdict->first_violation->rule == "I4");
  CHECK(verdict->first_violation->what.find("higher counters have been published") != std::string::npos);
  CHECK(open_ledger(settings, fleet.now));
  expect_sound(settings.path);
}

TEST_CASE("verification needs the same memory for a long ledger as for a short one") {
  const auto peak_of = [](int rounds) {
    const TemporaryDirectory folder;
    const auto settings = settings_for(folder.file("energy.db"));
    FleetOfRows fleet{4, 3};
    {
      auto ledger = open_ledger(settings, fleet.now);
      fleet.open(*ledger);
      for (int i = 0; i < rounds; ++i) {
        fleet.pass(seconds{60});
        REQUIRE(ledger->commit(fleet.round()));
      }
    }
    sqlite3_memory_highwater(1);
    const auto before = sqlite3_memory_used();
    const auto verdict = expect_sound(settings.path);
    CHECK(verdict.closings == static_cast<std::uint64_t>(rounds) * 4);
    return sqlite3_memory_highwater(0) - before;
  };
  // Both are longer than the page cache of the reading connection.
  const auto some = peak_of(10'000);
  const auto many = peak_of(20'000);
  INFO(some << " bytes for 10000 rounds, " << many << " for 20000");
  CHECK(many < some + 256 * 1024);
  CHECK(many < 4 << 20);
}
