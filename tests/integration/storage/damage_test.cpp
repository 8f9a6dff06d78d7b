#include "damaged_ledger.hpp"
#include "storage/files.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;
namespace fs = std::filesystem;

TEST_CASE("garbage at the beginning of the file: set aside, registers from the daily snapshot") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings);
  const auto midnight = snapshot_registers(settings, before);
  overwrite(settings.path, 0, std::string(4096, 'x'));
  const auto after = reopen(settings, before);
  expect_same_registers(midnight, after.fleet);
  CHECK(set_aside_files(folder).size() == 1);
  CHECK(after.said.find("daily snapshot of 2026-01-06T00:00:00Z") != std::string::npos);
  CHECK(after.said.find("energy.db.damaged-20260106T010000Z") != std::string::npos);
  CHECK_FALSE(after.fleet.accounts[0].anchor);  // an old anchor would bill time twice
}

TEST_CASE("a file truncated anywhere is noticed and no register falls") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings);
  const auto midnight = snapshot_registers(settings, before);
  const auto size = fs::file_size(settings.path);
  const auto keep = GENERATE(0U, 1U, 50U, 99U, 100U, 511U, 512U, 1024U, 5000U, 20000U, 50U << 10U, 70U << 10U);
  if (keep >= size) FAIL("the example is smaller than " << keep);
  fs::resize_file(settings.path, keep);
  const auto after = reopen(settings, before);
  INFO("kept " << keep << " of " << size << " bytes; " << after.said);
  expect_no_fall(midnight, after.fleet);
  CHECK_FALSE(set_aside_files(folder).empty());
}

TEST_CASE("a torn page of a table that every round needs") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings);
  const auto midnight = snapshot_registers(settings, before);
  const std::string table =
      GENERATE(as<std::string>{}, "registers", "channels", "places", "modules", "mounts", "mount_channels", "boots", "book");
  const std::string content = GENERATE(std::string(512, '\0'), std::string(512, '\xFF'), std::string(256, 'z'));
  overwrite(settings.path, (page_of(settings.path, table) - 1) * page_bytes, content);
  const auto after = reopen(settings, before);
  INFO(table << ": " << after.said);
  expect_no_fall(midnight, after.fleet);
  CHECK_FALSE(set_aside_files(folder).empty());
}

TEST_CASE("days and remembered texts are taken over from a damaged file") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings, 900);
  const auto days = PlainSqlite{settings.path}.rows("SELECT * FROM daily_energy WHERE day < '2026-01-08'");
  REQUIRE(days.size() == 27);
  fs::resize_file(settings.path, fs::file_size(settings.path) - 512);
  const auto after = reopen(settings, before);
  INFO(after.said);
  CHECK(PlainSqlite{settings.path}.rows("SELECT * FROM daily_energy WHERE day < '2026-01-08'") == days);
  CHECK(PlainSqlite{settings.path}.text("SELECT CAST(value AS TEXT) FROM state") == "something");
}

TEST_CASE("what a damaged file holds in its log is not lost") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  make_ledger(settings);
  FleetOfRows fleet{3, 3};
  fleet.now.at += seconds{300 * 300};
  fleet.now.utc += seconds{300 * 300};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (auto& account : fleet.accounts) fleet.covered[account.place] = *account.covered_until;
  for (int i = 0; i < 5; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  // A power cut: the files as they are now, with the rounds only in the log.
  const TemporaryDirectory after_cut;
  for (const char* name : {"energy.db", "energy.db-wal", "energy.db.registers"})
    fs::copy_file(folder.file(name), after_cut.file(name));
  const auto cut = settings_for(after_cut.file("energy.db"));
  fs::resize_file(cut.path, fs::file_size(cut.path) - 1024);
  const auto after = reopen(cut, fleet);
  INFO(after.said);
  expect_same_registers(fleet, after.fleet);
}

TEST_CASE("a missing file with its snapshot goes on from the snapshot") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings);
  const auto midnight = snapshot_registers(settings, before);
  fs::remove(settings.path);
  const auto after = reopen(settings, before);
  expect_same_registers(midnight, after.fleet);
  CHECK(after.said.find("the file is gone") != std::string::npos);
}

TEST_CASE("a damaged file and a damaged snapshot: counting starts anew and says so") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings, 10);
  overwrite(settings.path, 0, std::string(512, 'x'));
  overwrite(settings.path + ".registers", 20, "garbage");
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), before.now);
  REQUIRE(opened);
  std::string said;
  for (const auto& notice : opened->notices) said += notice.text + "\n";
  CHECK(said.find("counting starts from zero") != std::string::npos);
  CHECK(said.find("snapshot of the registers is damaged") != std::string::npos);
  FleetOfRows after = before;
  after.open(*opened->ledger);
  CHECK(after.accounts[0].channels[0].registers.energy_import == MicroWattHours{0});
}

TEST_CASE("somebody else's files are left alone") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  SECTION("a text") { folder.write("energy.db", "my notes\n"); }
  SECTION("a picture of zeros") { folder.write("energy.db", std::string(10000, '\0')); }
  SECTION("another program's database") {
    PlainSqlite::create(settings.path).run("PRAGMA application_id = 12345; CREATE TABLE t(x)");
  }
  SECTION("a database without a mark") { PlainSqlite::create(settings.path).run("CREATE TABLE t(x)"); }
  const auto size = fs::file_size(settings.path);
  const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().is(Errc::ledger_damaged));
  CHECK(opened.error().remedy == Remedy::give_up);
  INFO(opened.error().detail);
  CHECK(opened.error().detail.find("not a ledger of rbampd") != std::string::npos);
  CHECK(fs::file_size(settings.path) == size);
  CHECK(set_aside_files(folder).empty());
}

TEST_CASE("a folder, a file from the future, and an empty file") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  SECTION("a folder is not a ledger") {
    fs::create_directory(settings.path);
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().is(Errc::ledger_readonly));
  }
  SECTION("a file from the future is named and kept") {
    make_ledger(settings, 5);
    PlainSqlite{settings.path, true}.run("PRAGMA user_version = 99");
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().is(Errc::ledger_newer));
    CHECK(opened.error().detail.find("schema 99") != std::string::npos);
    CHECK(set_aside_files(folder).empty());
  }
  SECTION("an empty file without a past is a new ledger, which is told: somebody may miss the old one") {
    folder.write("energy.db", "");
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    REQUIRE(opened);
    REQUIRE(opened->notices.size() == 1);
    CHECK(opened->notices[0].text.find("energy.db was an empty file") != std::string::npos);
    CHECK(opened->notices[0].text.find("rbampctl restore") != std::string::npos);
  }
  SECTION("no file is an ordinary first start") {
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    REQUIRE(opened);
    CHECK(opened->notices.empty());
  }
}

TEST_CASE("only the newest damaged files are kept") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  auto before = make_ledger(settings, 5);
  for (int i = 0; i < 6; ++i) {
    before.pass(seconds{10});
    overwrite(settings.path, 0, std::string(512, 'x'));
    before = reopen(settings, before).fleet;
  }
  CHECK(set_aside_files(folder).size() == 3);
}

TEST_CASE("damage far from what a round needs is found by verification and does not stop metering") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings, 600);
  const auto page = static_cast<std::uint64_t>(PlainSqlite{settings.path}.integer(
      "SELECT pageno FROM dbstat WHERE name = 'closings' AND pagetype = 'leaf' ORDER BY path LIMIT 1"));
  overwrite(settings.path, (page - 1) * page_bytes, std::string(512, '\0'));
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), before.now);
  REQUIRE(opened);
  CHECK(opened->notices.empty());
  FleetOfRows after = before;
  after.open(*opened->ledger);
  expect_same_registers(before, after);
  opened->ledger.reset();
  const auto verdict = storage::verify_ledger(settings.path);
  REQUIRE(verdict);
  REQUIRE(verdict->first_violation);
  CHECK(verdict->first_violation->rule == "file");
}

TEST_CASE("a check of every page that is told to stop keeps its mark, and is made by the next start") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto fleet = make_ledger(settings, 20);
  int asked = 0;
  const auto open = [&](bool keep_going) {
    asked = 0;
    return storage::Ledger::open(settings, TimeZone::utc(), fleet.now, [&asked, keep_going](storage::LongWork work) {
      CHECK(work == storage::LongWork::looking_at_pages);
      ++asked;
      return keep_going;
    });
  };
  REQUIRE(open(true));
  CHECK(asked == 0);  // without a reason nobody looks at every page
  storage::mark_suspect(settings.path, storage::Suspicion::pages);
  const auto told = open(false);
  REQUIRE_FALSE(told);
  CHECK(told.error().is(Errc::cancelled));
  CHECK(asked == 1);
  CHECK(storage::suspicion(settings.path) == storage::Suspicion::pages);
  CHECK(set_aside_files(folder).empty());
  const auto opened = open(true);
  REQUIRE(opened);
  CHECK(asked >= 1);
  CHECK(storage::suspicion(settings.path) == storage::Suspicion::none);
}
