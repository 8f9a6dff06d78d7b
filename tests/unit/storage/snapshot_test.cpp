#include "storage/snapshot.hpp"

#include <sstream>

#include "storage/snapshot_text.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::storage;

namespace {

Snapshot example() {
  Snapshot snapshot;
  snapshot.ledger = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255};
  snapshot.written = UtcTime{Microseconds{1767614400123456}};
  snapshot.gc_tick = 4711;
  snapshot.last_round = 123456;
  SnapshotPlace mains{metering::PlaceKey{3}, "mains", std::nullopt, ModuleUid::parse("000102030405060708090a0b"), {}};
  BootId::Bytes boot{};
  boot[3] = 7;
  mains.covered_until =
      metering::Instant{BootId{boot}, BootTime{Microseconds{987654321}}, UtcTime{Microseconds{1767614399999999}}, true};
  metering::Registers registers{MicroWattHours{1234567890123}, MicroWattHours{42}, 0.1, -0.3333333333333333,
                                UtcTime{Microseconds{1700000000000000}}};
  mains.channels.push_back({metering::ChannelKey{7}, "house", ChannelIndex{0}, registers});
  mains.channels.push_back({metering::ChannelKey{9}, "heat_pump", ChannelIndex{2}, {}});
  snapshot.places = {mains, {metering::PlaceKey{4}, "new-place", std::nullopt, std::nullopt, {}}};

  snapshot.is_last_word = true;
  metering::Anchor anchor{*mains.covered_until, Microseconds{350}, {}, 301, 4711, 17, false, true};
  for (std::size_t i = 0; i < anchor.witness.size(); ++i) anchor.witness[i] = static_cast<std::uint8_t>(250 + i);
  metering::Intent intent{*mains.covered_until, metering::LatchKind::broadcast, 18, true, true};
  intent.at.utc_is_trusted = false;
  snapshot.chips = {{metering::ModuleKey{5}, *mains.last_chip, {metering::PlaceKey{3}, anchor, intent}},
                    {metering::ModuleKey{6}, ModuleUid::parse("ff0102030405060708090a0b").value(), {}}};
  return snapshot;
}

}  // namespace

TEST_CASE("a snapshot comes back from its text exactly") {
  const auto given = example();
  const auto back = snapshot_from(to_text(given));
  REQUIRE(back);
  CHECK(back->ledger == given.ledger);
  CHECK(back->written == given.written);
  CHECK(back->gc_tick == given.gc_tick);
  CHECK(back->last_round == given.last_round);
  CHECK(back->is_last_word);
  REQUIRE(back->chips.size() == 2);
  CHECK(back->chips[0].key == metering::ModuleKey{5});
  CHECK(back->chips[0].uid == given.chips[0].uid);
  const auto& state = back->chips[0].state;
  CHECK(state.place == metering::PlaceKey{3});
  REQUIRE(state.anchor);
  CHECK(state.anchor->at.boot == given.places[0].covered_until->boot);
  CHECK(state.anchor->at.at == BootTime{Microseconds{987654321}});
  CHECK(state.anchor->at.utc_is_trusted);
  CHECK(state.anchor->uncertainty == Microseconds{350});
  CHECK(state.anchor->witness == given.chips[0].state.anchor->witness);
  CHECK(state.anchor->commit_count == 301);
  CHECK(state.anchor->uptime_s == 4711);
  CHECK(state.anchor->gc_tick == 17);
  CHECK_FALSE(state.anchor->is_valid_snapshot);
  CHECK(state.anchor->is_reset_pending);
  REQUIRE(state.intent);
  CHECK(state.intent->kind == metering::LatchKind::broadcast);
  CHECK(state.intent->gc_tick == 18);
  CHECK(state.intent->is_armed);
  CHECK(state.intent->reset_was_cleared);
  CHECK_FALSE(state.intent->at.utc_is_trusted);
  CHECK_FALSE(back->chips[1].state.anchor);
  CHECK_FALSE(back->chips[1].state.intent);
  REQUIRE(back->places.size() == 2);
  CHECK(back->places[0].key == metering::PlaceKey{3});
  CHECK(back->places[0].channels.at(1).key == metering::ChannelKey{9});
  const auto& mains = back->places[0];
  CHECK(mains.name == "mains");
  CHECK(mains.last_chip == given.places[0].last_chip);
  REQUIRE(mains.covered_until);
  CHECK(mains.covered_until->boot == given.places[0].covered_until->boot);
  CHECK(mains.covered_until->at == given.places[0].covered_until->at);
  CHECK(mains.covered_until->utc == given.places[0].covered_until->utc);
  CHECK(mains.covered_until->utc_is_trusted);
  REQUIRE(mains.channels.size() == 2);
  const auto& registers = mains.channels[0].registers;
  CHECK(registers.energy_import == MicroWattHours{1234567890123});
  CHECK(registers.energy_export == MicroWattHours{42});
  CHECK(registers.import_remainder == 0.1);
  CHECK(registers.export_remainder == -0.3333333333333333);
  CHECK(registers.since == given.places[0].channels[0].registers.since);
  CHECK(mains.channels[1].input == ChannelIndex{2});
  CHECK_FALSE(back->places[1].covered_until);
  CHECK_FALSE(back->places[1].last_chip);
}

TEST_CASE("a last word of an earlier version, which did not say whether the reset flag had been cleared, is read") {
  auto text = to_text(example());
  const auto end_of_line = text.find('\n', text.find("\nintent ") + 1);
  text.erase(end_of_line - 2, 2);
  const auto body = text.substr(0, text.rfind("end "));
  std::ostringstream old;
  old << body << "end " << std::hex << snapshot_checksum(body) << '\n';
  const auto read = snapshot_from(old.str());
  REQUIRE(read);
  REQUIRE(read->chips.at(0).state.intent);
  CHECK(read->chips.at(0).state.intent->is_armed);
  CHECK_FALSE(read->chips.at(0).state.intent->reset_was_cleared);
}

TEST_CASE("any single changed byte of a snapshot is noticed") {
  const auto text = to_text(example());
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // the final line end carries nothing
    auto changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto read = snapshot_from(changed);
    INFO("byte " << i << " of " << text);
    CHECK_FALSE(read);
  }
}

TEST_CASE("a snapshot cut anywhere is noticed") {
  const auto text = to_text(example());
  for (std::size_t length = 0; length + 1 < text.size(); ++length) CHECK_FALSE(snapshot_from(text.substr(0, length)));
}

TEST_CASE("text that is no snapshot is refused with words") {
  for (const char* text : {"", "\n", "end", "end ", "end xyz\n", "something else\nend 0\n"}) {
    const auto read = snapshot_from(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().is(Errc::ledger_damaged));
    CHECK_FALSE(read.error().detail.empty());
  }
}

TEST_CASE("after a daily snapshot no tick and no round number of the lost day is given again; after a last word none is lost") {
  Snapshot snapshot;
  CHECK(gc_tick_after(snapshot) == metering::no_gc_tick);
  snapshot.gc_tick = 0xFF00;
  CHECK(gc_tick_after(snapshot) == (0xFF00 + 0x4000) % 0xFFFF);
  snapshot.is_last_word = true;
  CHECK(gc_tick_after(snapshot) == 0xFF00);
  CHECK(last_round_after(10) >= 10 + 86400);
}
