// What a ledger leaves when it ends, so that nothing is lost when its file cannot be used any more.
#include "damaged_ledger.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

void expect_same_accounts(const FleetOfRows& before, const FleetOfRows& after) {
  expect_same_registers(before, after);
  for (std::size_t m = 0; m < before.accounts.size(); ++m) {
    const auto& a = before.accounts[m];
    const auto& b = after.accounts[m];
    CHECK(a.place == b.place);
    CHECK(a.module == b.module);
    REQUIRE(a.anchor);
    REQUIRE(b.anchor);
    CHECK(a.anchor->at.boot == b.anchor->at.boot);
    CHECK(a.anchor->at.at == b.anchor->at.at);
    CHECK(a.anchor->at.utc == b.anchor->at.utc);
    CHECK(a.anchor->at.utc_is_trusted == b.anchor->at.utc_is_trusted);
    CHECK(a.anchor->uncertainty == b.anchor->uncertainty);
    CHECK(a.anchor->witness == b.anchor->witness);
    CHECK(a.anchor->commit_count == b.anchor->commit_count);
    CHECK(a.anchor->uptime_s == b.anchor->uptime_s);
    CHECK(a.anchor->gc_tick == b.anchor->gc_tick);
    CHECK(a.anchor->is_valid_snapshot == b.anchor->is_valid_snapshot);
    CHECK(a.anchor->is_reset_pending == b.anchor->is_reset_pending);
    REQUIRE(a.intent.has_value() == b.intent.has_value());
    if (a.intent) {
      CHECK(a.intent->at.at == b.intent->at.at);
      CHECK(a.intent->kind == b.intent->kind);
      CHECK(a.intent->gc_tick == b.intent->gc_tick);
      CHECK(a.intent->is_armed == b.intent->is_armed);
      CHECK(a.intent->reset_was_cleared == b.intent->reset_was_cleared);
    }
    REQUIRE(b.covered_until);
    CHECK(a.covered_until->boot == b.covered_until->boot);
    CHECK(a.covered_until->at == b.covered_until->at);
    for (std::size_t c = 0; c < a.channels.size(); ++c) {
      CHECK(a.channels[c].key == b.channels[c].key);
      CHECK(a.channels[c].registers.import_remainder == b.channels[c].registers.import_remainder);  // exactly
      CHECK(a.channels[c].registers.export_remainder == b.channels[c].registers.export_remainder);
    }
  }
}

bool is_end(const Error& error) { return error.is(Errc::ledger_damaged) && error.remedy == Remedy::reinitialise; }

/// A ledger in the middle of its work: rounds in the log, latches armed. Its table of texts is a zeroed page.
struct AtWork {
  explicit AtWork(const storage::Settings& with) : settings(with), fleet(make_ledger(settings)) {
    overwrite(settings.path, (page_of(settings.path, "state") - 1) * page_bytes, std::string(page_bytes, '\0'));
    ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (auto& account : fleet.accounts) fleet.covered[account.place] = *account.covered_until;
    for (int i = 0; i < 7; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
    fleet.pass(seconds{60});
    REQUIRE(ledger->arm(fleet.latches()));
    expected = fleet;
    expected.open(*ledger);
  }

  storage::Settings settings;
  FleetOfRows fleet;
  FleetOfRows expected;  ///< with accounts as they must be found again
  std::unique_ptr<storage::Ledger> ledger;
};

}  // namespace

TEST_CASE("damage that is met while running ends the ledger, and opening it anew goes on as if nothing had been") {
  const TemporaryDirectory folder;
  AtWork work{settings_for(folder.file("energy.db"))};
  const auto round = work.fleet.round();  // the one that is under way
  const auto refused = work.ledger->get_state("mqtt.retired");
  REQUIRE_FALSE(refused);
  REQUIRE(is_end(refused.error()));
  // Nothing is committed after the last word, however often somebody tries.
  const auto late = work.ledger->commit(round);
  REQUIRE_FALSE(late);
  CHECK(is_end(late.error()));
  CHECK(late.error().detail == refused.error().detail);
  CHECK_FALSE(work.ledger->arm(work.fleet.latches()));
  CHECK_FALSE(work.ledger->maintain(work.fleet.now.utc, true));
  CHECK(storage::Ledger::open(work.settings, TimeZone::utc(), work.fleet.now)
            .error()
            .is(Errc::ledger_busy));  // not before it is gone

  SECTION("the rest of the file can be read") {}
  SECTION("nothing of the file can be read") {
    work.ledger.reset();
    overwrite(work.settings.path, 0, std::string(4096, 'x'));
  }
  SECTION("the file is gone") {
    work.ledger.reset();
    fs::remove(work.settings.path);
  }
  SECTION("its registers and identities say something else") {
    work.ledger.reset();
    PlainSqlite database{work.settings.path, true};
    database.run("UPDATE registers SET total_import = total_import + 77");
    database.run("DELETE FROM anchors");
  }
  work.ledger.reset();
  auto opened = storage::Ledger::open(work.settings, TimeZone::utc(), work.fleet.now);
  if (!opened) FAIL(opened.error().detail);
  std::string said;
  for (const auto& notice : opened->notices) said += notice.text + "\n";
  INFO(said);
  CHECK(said.find("registers and anchors are those of the last commit") != std::string::npos);
  FleetOfRows after = work.expected;
  after.open(*opened->ledger);
  expect_same_accounts(work.expected, after);
  CHECK(opened->ledger->last_gc_tick() == work.expected.tick);
  const auto committed = opened->ledger->commit(round);  // as it was
  if (!committed) FAIL(committed.error().detail);
  opened->ledger.reset();
  expect_sound(work.settings.path);
  CHECK(storage::Ledger::open(work.settings, TimeZone::utc(), work.fleet.now)->notices.empty());
}

TEST_CASE("when the last word cannot be written the damaged file itself is asked, and what it has is taken over") {
  const TemporaryDirectory folder;
  AtWork work{settings_for(folder.file("energy.db"))};
  fs::create_directory(work.settings.path + ".registers.new");  // where the snapshot is prepared
  REQUIRE_FALSE(work.ledger->get_state("mqtt.retired"));
  work.ledger.reset();
  fs::remove(work.settings.path + ".registers.new");
  const auto ledger = open_ledger(work.settings, work.fleet.now);
  FleetOfRows after = work.expected;
  after.open(*ledger);
  expect_same_registers(work.expected, after);
  CHECK(ledger->last_gc_tick() == work.expected.tick);
  for (const auto& account : after.accounts) CHECK(account.anchor);
}

TEST_CASE("a last word is gone before the first round after it") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3};
  const auto snapshot = [&] {
    auto loaded = storage::load_snapshot(storage::snapshot_path(settings.path));
    REQUIRE(loaded);
    REQUIRE(*loaded);
    return **loaded;
  };
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
    CHECK_FALSE(snapshot().is_last_word);
  }
  REQUIRE(snapshot().is_last_word);
  CHECK(snapshot().chips.at(0).state.anchor);
  const auto ledger = open_ledger(settings, fleet.now);
  CHECK_FALSE(snapshot().is_last_word);
  CHECK_FALSE(snapshot().chips.at(0).state.anchor);
}

TEST_CASE("a file that was damaged while nobody used it costs neither a register nor an anchor") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{3, 3};
  {
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    for (int i = 0; i < 20; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
    fleet.open(*ledger);
  }
  overwrite(settings.path, 0, std::string(4096, 'x'));
  const auto ledger = open_ledger(settings, fleet.now);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_accounts(fleet, after);
}
