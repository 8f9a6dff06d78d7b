#include "storage/ledger.hpp"

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("registers, anchors, intents and the tick go on after a restart") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{4};
  metering::RoundCommit last;
  {
    auto ledger = open_ledger(settings, fleet.now);
    CHECK(ledger->last_gc_tick() == metering::no_gc_tick);
    fleet.open(*ledger);
    CHECK_FALSE(fleet.accounts[0].anchor);
    CHECK_FALSE(fleet.accounts[0].intent);
    CHECK_FALSE(fleet.accounts[0].covered_until);
    for (int i = 0; i < 40; ++i) {  // two quarter hours and a bit
      fleet.pass(seconds{60});
      last = fleet.round();
      REQUIRE(ledger->commit(last));
    }
  }
  auto ledger = open_ledger(settings, fleet.now);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  CHECK(ledger->last_gc_tick() == fleet.tick);
  for (std::size_t m = 0; m < 4; ++m) {
    const auto& account = after.accounts[m];
    REQUIRE(account.anchor);
    CHECK(account.anchor->at.at == fleet.now.at);
    CHECK(account.anchor->at.boot == fleet.now.boot);
    CHECK(account.anchor->at.utc == fleet.now.utc);
    CHECK(account.anchor->at.utc_is_trusted);
    CHECK(account.anchor->witness == last.modules[m].anchor->witness);
    CHECK(account.anchor->uncertainty == Microseconds{350});
    CHECK(account.anchor->commit_count == 301);
    CHECK(account.anchor->uptime_s == last.modules[m].anchor->uptime_s);
    CHECK(account.anchor->gc_tick == fleet.tick);
    CHECK(account.anchor->is_valid_snapshot);
    REQUIRE(account.intent);
    CHECK(account.intent->at.at == fleet.now.at + seconds{60});
    CHECK(account.intent->kind == metering::LatchKind::broadcast);
    CHECK(account.intent->gc_tick == fleet.tick + 1);
    CHECK_FALSE(account.intent->is_armed);
    REQUIRE(account.covered_until);
    CHECK(account.covered_until->at == fleet.now.at);
    CHECK(account.covered_until->utc == fleet.now.utc);
    CHECK_FALSE(account.previous_chip);
  }
  expect_sound(settings.path);
}

TEST_CASE("an armed latch is found armed by the next process") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->arm(fleet.latches()));
  ledger.reset();
  ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  REQUIRE(fleet.accounts[1].intent);
  CHECK(fleet.accounts[1].intent->is_armed);
  CHECK(fleet.accounts[1].intent->at.at == fleet.now.at);
  REQUIRE(ledger->commit(fleet.round()));
  auto without_intent = fleet.round();
  without_intent.modules[0].closings.clear();
  without_intent.modules[1].closings.clear();
  without_intent.modules[0].next_intent.reset();
  REQUIRE(ledger->commit(without_intent));
  ledger.reset();
  ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  CHECK_FALSE(fleet.accounts[0].intent);
  REQUIRE(fleet.accounts[1].intent);
  CHECK_FALSE(fleet.accounts[1].intent->is_armed);
}

TEST_CASE("a commit that contradicts the ledger is refused and changes nothing") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const FleetOfRows before = fleet;
  fleet.pass(seconds{60});
  auto round = fleet.round();
  auto& closing = round.modules[1].closings[0];
  auto& posting = closing.postings[2];

  SECTION("a total that is not the stored one plus the energy") { posting.total_import += MicroWattHours{1}; }
  SECTION("an export total that is not") { posting.total_export += MicroWattHours{1}; }
  SECTION("a register that would fall") {
    posting.energy_import = MicroWattHours{-5};
    posting.total_import = before.accounts[1].channels[2].registers.energy_import - MicroWattHours{5};
  }
  SECTION("a period that begins before the last one ended") {
    closing.span.begin.at -= seconds{1};
    closing.span.length += seconds{1};
  }
  SECTION("a length that is not the time between the ends") { closing.span.length += Microseconds{1}; }
  SECTION("a channel of another place") { posting.channel = fleet.accounts[0].channels[0].key; }
  SECTION("a channel twice") { closing.postings.push_back(posting); }
  SECTION("an unknown place") { round.modules[1].place = closing.place = metering::PlaceKey{99}; }
  SECTION("a closing under another module") { closing.module = fleet.accounts[0].module; }
  SECTION("a gap with energy") { closing.quality = metering::Quality::gap; }

  const auto refused = ledger->commit(round);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::ledger_damaged));
  CHECK(refused.error().remedy == Remedy::give_up);
  INFO(refused.error().detail);
  FleetOfRows after = before;
  after.open(*ledger);
  expect_same_registers(before, after);
  CHECK(after.accounts[1].covered_until->at == before.now.at);

  FleetOfRows again = before;  // and the right commit is taken
  again.pass(seconds{60});
  REQUIRE(ledger->commit(again.round()));
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a chip swap keeps the registers and names the chip before") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  FleetOfRows swapped = fleet;
  swapped.chip_offset = 200;
  swapped.open(*ledger);
  expect_same_registers(fleet, swapped);
  CHECK(swapped.accounts[0].previous_chip == chip_number(1));
  CHECK_FALSE(swapped.accounts[0].anchor);
  swapped.pass(seconds{60});
  REQUIRE(ledger->commit(swapped.round()));
  ledger.reset();
  ledger = open_ledger(settings, swapped.now);
  FleetOfRows after = swapped;
  after.open(*ledger);
  expect_same_registers(swapped, after);
  CHECK_FALSE(after.accounts[0].previous_chip);
  REQUIRE(after.accounts[0].anchor);
  // The first chip comes back: its own anchor of this place is still known.
  fleet.open(*ledger);
  CHECK(fleet.accounts[0].previous_chip == chip_number(200));
  REQUIRE(fleet.accounts[0].anchor);
  CHECK(fleet.accounts[0].anchor->at.at == after.now.at - seconds{60});
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a chip in another place has no anchor there") {
  const TemporaryDirectory folder;
  FleetOfRows fleet{1};
  auto ledger = open_ledger(settings_for(folder.file("energy.db")), fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const auto moved = ledger->open_account({"attic", fleet.accounts[0].uid, {{ChannelIndex{0}, "ch0"}}, fleet.now.utc});
  REQUIRE(moved);
  CHECK_FALSE(moved->anchor);
  CHECK(moved->module == fleet.accounts[0].module);
  CHECK(moved->channels[0].registers.energy_import == MicroWattHours{0});
}

TEST_CASE("a renamed channel is a new one, and the old one is there when it comes back") {
  const TemporaryDirectory folder;
  FleetOfRows fleet{1, 1};
  const auto settings = settings_for(folder.file("energy.db"));
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const auto renamed = ledger->open_account({"m0", fleet.accounts[0].uid, {{ChannelIndex{0}, "kitchen"}}, fleet.now.utc});
  REQUIRE(renamed);
  CHECK(renamed->channels[0].registers.energy_import == MicroWattHours{0});
  FleetOfRows other = fleet;
  other.accounts[0] = *renamed;
  other.pass(seconds{60});
  REQUIRE(ledger->commit(other.round()));
  fleet.covered = other.covered;
  fleet.now = other.now;
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
}

TEST_CASE("a place with more channels than a row is wide is booked in several rows") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 8};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 20; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
  }
  auto ledger = open_ledger(settings, fleet.now);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("a correction downward is an adjustment, and only that") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  auto& registers = fleet.accounts[0].channels[0].registers;
  metering::Closing correction;
  correction.place = fleet.accounts[0].place;
  correction.module = fleet.accounts[0].module;
  correction.span = {fleet.now, fleet.now, Microseconds::zero()};
  correction.quality = metering::Quality::adjustment;
  correction.reason = metering::Reason::correction;
  correction.note = "the clamp was on the wrong conductor";
  registers.energy_import = registers.energy_import - MicroWattHours{1'000'000};
  correction.postings.push_back({fleet.accounts[0].channels[0].key, MicroWattHours{-1'000'000}, MicroWattHours{0},
                                 registers.energy_import, registers.energy_export, registers.import_remainder,
                                 registers.export_remainder, false});
  metering::RoundCommit round;
  round.modules.push_back({correction.place, correction.module, {correction}, {}, {}, {}});
  REQUIRE(ledger->commit(round));
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  CHECK(after.accounts[0].covered_until->at == fleet.now.at);
  ledger.reset();
  expect_sound(settings.path);
}

TEST_CASE("two daemons cannot have the same ledger") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  auto ledger = open_ledger(settings, fleet.now);
  const auto second = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
  REQUIRE_FALSE(second);
  CHECK(second.error().is(Errc::ledger_busy));
  CHECK(second.error().remedy == Remedy::wait);
  ledger.reset();
  CHECK(storage::Ledger::open(settings, TimeZone::utc(), fleet.now));
}

TEST_CASE("other parts keep small things by name") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet;
  auto ledger = open_ledger(settings, fleet.now);
  CHECK(ledger->get_state("mqtt.retired").value() == std::nullopt);
  const std::string value{"a\0b\xff", 4};
  REQUIRE(ledger->set_state("mqtt.retired", value));
  REQUIRE(ledger->set_state("other", "1"));
  REQUIRE(ledger->set_state("other", "2"));
  ledger.reset();
  ledger = open_ledger(settings, fleet.now);
  CHECK(ledger->get_state("mqtt.retired").value() == value);
  CHECK(ledger->get_state("other").value() == "2");
  REQUIRE(ledger->set_state("other", std::nullopt));
  CHECK(ledger->get_state("other").value() == std::nullopt);
}

TEST_CASE("a folder is made when only its last part is missing") {
  const TemporaryDirectory folder;
  FleetOfRows fleet;
  CHECK(storage::Ledger::open(settings_for(folder.file("new/energy.db")), TimeZone::utc(), fleet.now));
  const auto deeper = storage::Ledger::open(settings_for(folder.file("a/b/energy.db")), TimeZone::utc(), fleet.now);
  REQUIRE_FALSE(deeper);
  CHECK(deeper.error().is(Errc::ledger_readonly));
  CHECK(deeper.error().detail.find("/a/b") != std::string::npos);
}

TEST_CASE("a trigger that somebody put into the file never runs: what is booked is what was told") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  ledger.reset();
  {
    PlainSqlite database{settings.path, true};
    database.run("CREATE TABLE heard(what)");
    database.run("CREATE TRIGGER greedy AFTER INSERT ON closings BEGIN INSERT INTO heard VALUES('a closing'); END");
  }
  ledger = open_ledger(settings, fleet.now);
  FleetOfRows after = fleet;
  after.open(*ledger);
  after.pass(seconds{60});
  REQUIRE(ledger->commit(after.round()));
  ledger.reset();
  PlainSqlite database{settings.path};
  CHECK(database.integer("SELECT count(*) FROM heard") == 0);
}
