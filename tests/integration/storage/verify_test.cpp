// Each rule of the verification is broken by hand, and must be the one that is named.
#include "storage/verify.hpp"

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
      {"UPDATE closings SET quality = 17 WHERE id = (9 << 8)", "file", "energy.db"},
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
