#include "storage/reader.hpp"

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "storage/backup.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

UtcTime at(std::int64_t offset_s) { return UtcTime{seconds{FleetOfRows::monday + offset_s}}; }

std::unique_ptr<storage::Reader> open_reader(const std::string& path, const TimeZone& zone = TimeZone::utc()) {
  auto reader = storage::Reader::open(path, zone);
  if (!reader) FAIL(reader.error().detail);
  return std::move(*reader);
}

MicroWattHours sum(const std::vector<storage::Bar>& bars) {
  MicroWattHours total;
  for (const auto& bar : bars) total += bar.energy_import;
  return total;
}

}  // namespace

TEST_CASE("every bucket of a history adds up to the register, up to the last second") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto berlin = TimeZone::find("Europe/Berlin").value();
  FleetOfRows fleet{2, 3, 1792700000};  // some days before the end of summer time
  auto ledger = open_ledger(settings, fleet.now, berlin);
  fleet.open(*ledger);
  const auto reader = open_reader(settings.path, berlin);
  const UtcTime start = fleet.now.utc - hours{24 * 400};
  for (int i = 0; i < 500; ++i) {
    fleet.pass(seconds{613});
    REQUIRE(ledger->commit(fleet.round()));
    if (i % 49 != 0) continue;
    for (const auto bucket : {storage::Bucket::quarter_hour, storage::Bucket::hour, storage::Bucket::day, storage::Bucket::month,
                              storage::Bucket::year}) {
      const auto bars = reader->history(fleet.accounts[1].channels[2].key, bucket, start, fleet.now.utc);
      REQUIRE(bars);
      CHECK(sum(*bars) == fleet.accounts[1].channels[2].registers.energy_import);
      for (std::size_t b = 1; b < bars->size(); ++b) CHECK((*bars)[b - 1].end <= (*bars)[b].begin);
    }
  }
  const auto day = reader->history(fleet.accounts[0].channels[0].key, storage::Bucket::quarter_hour, UtcTime{seconds{1792879200}},
                                   UtcTime{seconds{1792969200}});
  REQUIRE(day);
  CHECK(day->size() == 100);  // the day of 25 hours
  const auto hours_of_day = reader->history(fleet.accounts[0].channels[0].key, storage::Bucket::hour,
                                            UtcTime{seconds{1792879200}}, UtcTime{seconds{1792969200}});
  REQUIRE(hours_of_day);
  CHECK(hours_of_day->size() == 25);
}

TEST_CASE("bars tell which qualities took part, and empty buckets are left out") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto book = [&](Microseconds length, metering::Quality quality) {
    fleet.pass(length);
    metering::RoundCommit round;
    round.modules.push_back(fleet.module_commit(0, quality));
    REQUIRE(ledger->commit(round));
  };
  book(hours{1}, metering::Quality::measured);
  book(hours{3}, metering::Quality::gap);
  book(hours{1}, metering::Quality::recovered);
  const auto bars =
      open_reader(settings.path)->history(fleet.accounts[0].channels[0].key, storage::Bucket::hour, at(0), at(86400));
  REQUIRE(bars);
  REQUIRE(bars->size() == 4);  // the middle of the gap has no bar
  CHECK((*bars)[0].qualities == 0b00001);
  CHECK((*bars)[1].qualities == 0b01000);
  CHECK((*bars)[1].energy_import == MicroWattHours{0});
  CHECK((*bars)[3].begin == at(4 * 3600));
  CHECK((*bars)[3].qualities == 0b00010);
}

TEST_CASE("a bar whose export is estimated says so, before and after it is rolled up, though the import is measured") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto book = [&](bool export_is_estimated) {
    fleet.pass(minutes{15});
    metering::RoundCommit round;
    round.modules.push_back(fleet.module_commit(0, metering::Quality::recovered));
    round.modules.back().closings.front().postings.front().export_is_estimated = export_is_estimated;
    REQUIRE(ledger->commit(round));
  };
  const auto bars_by = [&](storage::Bucket bucket) {
    auto bars = open_reader(settings.path)->history(fleet.accounts[0].channels[0].key, bucket, at(0), at(86400));
    REQUIRE(bars);
    return std::move(*bars);
  };
  book(true);
  CHECK(bars_by(storage::Bucket::quarter_hour)[0].qualities == 0b00110);
  book(false);
  book(false);
  const auto quarters = bars_by(storage::Bucket::quarter_hour);
  REQUIRE(quarters.size() == 3);
  CHECK(quarters[0].qualities == 0b00110);
  CHECK(quarters[1].qualities == 0b00010);
  CHECK(bars_by(storage::Bucket::day)[0].qualities == 0b00110);
}

TEST_CASE("lines are paged by their id, in ledger order, while the ledger grows") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{3, 2};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto reader = open_reader(settings.path);
  std::vector<storage::LedgerLine> read;
  std::size_t committed = 0;
  for (int i = 0; i < 60; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
    committed += 6;
    for (int page = 0; page < 2; ++page) {
      const auto lines = reader->lines_after(read.empty() ? 0 : read.back().id, 2);
      REQUIRE(lines);
      read.insert(read.end(), lines->begin(), lines->end());
    }
  }
  CHECK(read.size() == committed);
  for (std::size_t i = 1; i < read.size(); ++i) CHECK(read[i - 1].id <= read[i].id);
  CHECK(read.back().module == "m2");
  CHECK(read.back().channel == "ch1");
  CHECK(read.back().chip == chip_number(3));
  CHECK(read.back().total_import == fleet.accounts[2].channels[1].registers.energy_import);
  CHECK(read.back().end == fleet.now.utc);
  CHECK(read.back().length == seconds{60});

  const auto some = reader->lines(at(600), at(1200), 0, 1000);
  REQUIRE(some);
  CHECK(some->size() == 10 * 6);
  CHECK(some->front().end == at(660));
  CHECK(some->back().end == at(1200));
}

TEST_CASE("channels are listed with their newest totals") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 20; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  const auto channels = open_reader(settings.path)->channels();
  REQUIRE(channels);
  REQUIRE(channels->size() == 6);
  CHECK((*channels)[4].module == "m1");
  CHECK((*channels)[4].channel == "ch1");
  CHECK((*channels)[4].total_import == fleet.accounts[1].channels[1].registers.energy_import);
  CHECK((*channels)[4].since == at(0));
}

TEST_CASE("events are kept in order and bounded") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  auto ledger = open_ledger(settings, fleet.now);
  for (int i = 0; i < 20'050; ++i) {
    fleet.pass(seconds{1});
    REQUIRE(ledger->record({fleet.now, "m0", "ch1", "turn_on", "event " + std::to_string(i)}));
  }
  const auto reader = open_reader(settings.path);
  const auto newest = reader->events(0, 3);
  REQUIRE(newest);
  REQUIRE(newest->size() == 3);
  CHECK((*newest)[2].text == "event 20049");
  CHECK((*newest)[2].at == fleet.now.utc);
  CHECK((*newest)[0].text == "event 20047");
  CHECK(reader->events(0, 100'000)->size() == 20'000);
  CHECK(reader->events((*newest)[1].id, 100)->size() == 1);
}

TEST_CASE("a backup made while rounds go on is a ledger that can take over") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{4, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 200; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  const FleetOfRows then = fleet;
  SECTION("by the daemon") { REQUIRE(ledger->backup(folder.file("backup.db"))); }
  SECTION("by another program") { REQUIRE(storage::backup_ledger(settings.path, folder.file("backup.db"))); }
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const auto again = storage::backup_ledger(settings.path, folder.file("backup.db"));
  REQUIRE_FALSE(again);
  CHECK(again.error().detail.find("exists already") != std::string::npos);
  expect_sound(folder.file("backup.db"));
  auto restored = open_ledger(settings_for(folder.file("backup.db")), then.now);
  FleetOfRows after = then;
  after.open(*restored);
  expect_same_registers(then, after);
  after.pass(seconds{60});
  REQUIRE(restored->commit(after.round()));
}

TEST_CASE("readers refuse what is no ledger in words") {
  const TemporaryDirectory folder;
  CHECK(storage::Reader::open(folder.file("none.db"), TimeZone::utc()).error().is(Errc::ledger_io));
  folder.write("text.db",
               "just words, and more than a hundred of them would not make this a database, whatever their sense or their order");
  CHECK(storage::Reader::open(folder.file("text.db"), TimeZone::utc()).error().is(Errc::ledger_damaged));
  CHECK(storage::verify_ledger(folder.file("text.db")).error().is(Errc::ledger_damaged));
}
