// A disk that is full, or read-only, on real small file systems.
#include "damaged_ledger.hpp"
#include "support/small_disk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;

TEST_CASE("a full disk refuses rounds, keeps everything as it was, and takes them in order later") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  FleetOfRows fleet{4, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 30; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  disk.fill();
  std::vector<metering::RoundCommit> waiting;
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    const FleetOfRows before = fleet;
    fleet.pass(seconds{60});
    waiting.push_back(fleet.round());
    while (!waiting.empty()) {
      const auto committed = ledger->commit(waiting.front());
      if (!committed) {
        CHECK(committed.error().is(Errc::ledger_full));
        CHECK(committed.error().remedy == Remedy::wait);
        CHECK(committed.error().detail.find("free some space") != std::string::npos);
        ++refused;
        break;
      }
      waiting.erase(waiting.begin());
    }
    if (waiting.size() > 50) break;
  }
  CHECK(refused > 20);
  const auto armed = ledger->arm(fleet.latches());
  if (!armed) CHECK(armed.error().is(Errc::ledger_full));

  // What is on the disk at this moment is a sound ledger, also for a process that starts now.
  const TemporaryDirectory copy;
  for (const char* suffix : {"", "-wal", ".registers"}) {
    std::filesystem::copy_file(settings.path + suffix, copy.file(std::string{"energy.db"} + suffix));
  }
  expect_sound(copy.file("energy.db"));

  disk.free();
  for (const auto& round : waiting) REQUIRE(ledger->commit(round));
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a disk that is full at the start says so, and a ledger opens when there is room") {
  const SmallDisk disk{"1m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  FleetOfRows fleet{2, 2};
  disk.fill();
  const auto refused = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::ledger_full));
  disk.free();
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  if (!opened) FAIL(opened.error().detail);
  fleet.open(*opened->ledger);
  fleet.pass(seconds{60});
  REQUIRE(opened->ledger->commit(fleet.round()));
}

TEST_CASE("an existing ledger opens on a full disk or says that it is full, and is never set aside for it") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  FleetOfRows fleet{4, 3};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 30; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  disk.fill();
  {
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    if (!opened) CHECK(opened.error().is(Errc::ledger_full));
    if (opened) CHECK(opened->notices.empty());
  }
  disk.free();
  auto ledger = open_ledger(settings, fleet.now);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
}

TEST_CASE("a read-only file system is named with what to do") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  FleetOfRows fleet{1, 1};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
  }
  REQUIRE(disk.remount("size=2m", MS_RDONLY));
  const auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().is(Errc::ledger_readonly));
  CHECK(opened.error().remedy == Remedy::give_up);
  REQUIRE(disk.remount("size=2m"));
  CHECK(storage::Ledger::open(settings, TimeZone::utc(), fleet.now));
}

TEST_CASE("the daily snapshot on a full disk leaves the old one whole") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  FleetOfRows fleet{4, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const auto before = storage::load_snapshot(storage::snapshot_path(settings.path));
  REQUIRE(before);
  disk.fill();
  fleet.now.utc += std::chrono::hours{24};
  fleet.now.at += std::chrono::hours{24};
  const auto refused = ledger->maintain(fleet.now.utc, true);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::ledger_full));
  const auto still = storage::load_snapshot(storage::snapshot_path(settings.path));
  REQUIRE(still);
  CHECK((*still)->written == (*before)->written);
  disk.free();
  REQUIRE(ledger->maintain(fleet.now.utc, true));
  const auto renewed = storage::load_snapshot(storage::snapshot_path(settings.path));
  REQUIRE(renewed);
  CHECK((*renewed)->written == fleet.now.utc);
}

TEST_CASE("a damaged ledger on a full disk stays where it is until there is room, and only then counting goes on") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  const auto before = make_ledger(settings);
  const auto midnight = snapshot_registers(settings, before);
  overwrite(settings.path, (page_of(settings.path, "registers") - 1) * page_bytes, std::string(page_bytes, 'z'));
  disk.fill();
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto refused = storage::Ledger::open(settings, TimeZone::utc(), before.now);
    REQUIRE_FALSE(refused);
    INFO(refused.error().detail);
    CHECK(refused.error().is(Errc::ledger_full));
    CHECK(refused.error().remedy == Remedy::wait);
    CHECK(std::filesystem::exists(settings.path));
    CHECK_FALSE(std::filesystem::exists(settings.path + ".restoring"));
  }
  disk.free();
  const auto after = reopen(settings, before);
  INFO(after.said);
  expect_no_fall(midnight, after.fleet);
  CHECK(after.fleet.accounts[0].channels[0].registers.energy_import > MicroWattHours{0});
}
