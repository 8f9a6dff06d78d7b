// An older file in the place of the ledger: what was counted since is known to the snapshot beside it.
#include "damaged_ledger.hpp"
#include "storage/backup.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

/// A day and an hour of rounds, with a backup of its beginning in `backup`, and a place that was made after it.
FleetOfRows live(const storage::Settings& settings, const std::string& backup, bool ends_orderly) {
  auto fleet = make_ledger(settings, 20);
  REQUIRE(storage::backup_ledger(settings.path, backup));
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (auto& account : fleet.accounts) fleet.covered[account.place] = *account.covered_until;
  for (int i = 0; i < 300; ++i) {
    fleet.pass(seconds{300});
    REQUIRE(ledger->commit(fleet.round()));
    REQUIRE(ledger->maintain(fleet.now.utc, true));
  }
  fleet.open(*ledger);  // with the anchors
  const auto daily = content_of(settings.path + ".registers");
  ledger.reset();
  if (!ends_orderly) put(settings.path + ".registers", daily);
  fs::copy_file(backup, settings.path, fs::copy_options::overwrite_existing);
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(settings.path + suffix);
  return fleet;
}

/// Goes on as the fleet does: from the anchor, or with a gap up to the first latch.
void go_on(storage::Ledger& ledger, FleetOfRows& fleet) {
  fleet.pass(seconds{600});
  for (std::size_t m = 0; m < fleet.accounts.size(); ++m) {
    auto& account = fleet.accounts[m];
    fleet.covered[account.place] = *account.covered_until;
    metering::RoundCommit round;
    round.modules.push_back(fleet.module_commit(m, account.anchor ? metering::Quality::recovered : metering::Quality::gap));
    REQUIRE(ledger.commit(round));
  }
}

}  // namespace

TEST_CASE("a backup put in place of a ledger that ended in order costs lines, not a watt-hour") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto fleet = live(settings, folder.file("backup.db"), true);
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  if (!opened) FAIL(opened.error().detail);
  REQUIRE(opened->notices.size() == 1);
  CHECK(opened->notices[0].kind == storage::Notice::Kind::restored);
  FleetOfRows after = fleet;
  after.open(*opened->ledger);
  expect_same_registers(fleet, after);
  CHECK(opened->ledger->last_gc_tick() == fleet.tick);
  for (std::size_t m = 0; m < 3; ++m) {
    REQUIRE(after.accounts[m].anchor);
    CHECK(after.accounts[m].anchor->at.at == fleet.now.at);  // the running average is billed from here, once
    CHECK(after.accounts[m].anchor->witness == fleet.accounts[m].anchor->witness);
    CHECK(after.accounts[m].covered_until->at == fleet.now.at);
  }
  go_on(*opened->ledger, after);
  opened->ledger.reset();
  expect_sound(settings.path);
  PlainSqlite database{settings.path};
  CHECK(database.text("SELECT text FROM remarks ORDER BY closing DESC LIMIT 1").find("raised to the snapshot") !=
        std::string::npos);
  CHECK(database.text("SELECT group_concat(DISTINCT quality) FROM energy_log WHERE ts > '2026-01-05T01:40:00Z'") ==
        "gap,adjustment,recovered");
  CHECK(storage::Ledger::open(settings, TimeZone::utc(), after.now)->notices.empty());  // once
}

TEST_CASE("a backup put in place of a killed ledger goes on from midnight, and bills nothing twice") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto fleet = live(settings, folder.file("backup.db"), false);
  const auto midnight = snapshot_registers(settings, fleet);
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  if (!opened) FAIL(opened.error().detail);
  REQUIRE(opened->notices.size() == 1);
  FleetOfRows after = fleet;
  after.open(*opened->ledger);
  for (std::size_t m = 0; m < 3; ++m) {
    // The anchor of the backup is older than midnight: with it, what the registers contain would be billed again.
    CHECK_FALSE(after.accounts[m].anchor);
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(after.accounts[m].channels[c].registers.energy_import == midnight.accounts[m].channels[c].registers.energy_import);
      CHECK(after.accounts[m].channels[c].registers.energy_export == midnight.accounts[m].channels[c].registers.energy_export);
    }
  }
  // A tick that may have been on the bus since midnight proves nothing any more.
  CHECK(static_cast<std::uint16_t>(opened->ledger->last_gc_tick() - fleet.tick) > 1000);
  go_on(*opened->ledger, after);
  const auto first_new = PlainSqlite{settings.path}.integer("SELECT max(id) FROM rounds");
  CHECK(first_new > 1'000'000);  // numbers that the lost rounds had are not given again
  opened->ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a place that was made after the backup keeps its registers") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  auto fleet = make_ledger(settings, 20);
  REQUIRE(storage::backup_ledger(settings.path, folder.file("backup.db")));
  FleetOfRows larger{5, 4};
  larger.now = fleet.now;
  {
    auto ledger = open_ledger(settings, fleet.now);
    larger.open(*ledger);
    for (auto& account : larger.accounts) {
      if (account.covered_until) larger.covered[account.place] = *account.covered_until;
    }
    larger.pass(seconds{60});
    REQUIRE(ledger->commit(larger.round()));
  }
  fs::copy_file(folder.file("backup.db"), settings.path, fs::copy_options::overwrite_existing);
  auto ledger = open_ledger(settings, larger.now);
  FleetOfRows after = larger;
  after.open(*ledger);
  expect_same_registers(larger, after);
  go_on(*ledger, after);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a register that a person lowered is not raised again") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  fleet.now.utc += std::chrono::hours{24};
  fleet.now.at += std::chrono::hours{24};
  REQUIRE(ledger->maintain(fleet.now.utc, true));  // the snapshot of the day
  auto& account = fleet.accounts[0];
  auto& channel = account.channels[0];
  channel.registers.energy_import = channel.registers.energy_import - MicroWattHours{1'000'000};
  metering::Closing closing{
      account.place,
      account.module,
      {fleet.now, fleet.now, Microseconds::zero()},
      metering::Quality::adjustment,
      metering::Reason::correction,
      "the clamp was on the wrong conductor",
      {{channel.key, MicroWattHours{-1'000'000}, MicroWattHours{0}, channel.registers.energy_import,
        channel.registers.energy_export, channel.registers.import_remainder, channel.registers.export_remainder, false}}};
  metering::RoundCommit round;
  round.modules.push_back({account.place, account.module, {closing}, {}, {}, {}});
  REQUIRE(ledger->commit(round));
  const auto daily = content_of(settings.path + ".registers");
  ledger.reset();
  put(settings.path + ".registers", daily);  // killed
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  REQUIRE(opened);
  CHECK(opened->notices.empty());
  FleetOfRows after = fleet;
  after.open(*opened->ledger);
  expect_same_registers(fleet, after);
}
