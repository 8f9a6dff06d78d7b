#include "storage/books.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using namespace rbamp::storage;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Instant instant(Microseconds at, std::uint8_t boot = 1, bool trusted = true) {
  BootId::Bytes bytes{};
  bytes[0] = boot;
  return {BootId{bytes}, BootTime{at}, UtcTime{seconds{1767571200}} + at, trusted};
}

/// One place, one chip, two channels.
Books books_of_one_place() {
  Books books;
  books.places[PlaceKey{1}] = {"mains", std::nullopt, std::nullopt};
  books.modules[ModuleKey{1}] = {};
  books.channels[ChannelKey{1}] = {PlaceKey{1}, "house", ChannelIndex{0}, {}};
  books.channels[ChannelKey{2}] = {PlaceKey{1}, "garage", ChannelIndex{1}, {}};
  books.mounts[1] = {1, PlaceKey{1}, ModuleKey{1}, {ChannelKey{1}, ChannelKey{2}}};
  books.next_round = 7;
  return books;
}

Closing closing(const Instant& begin, const Instant& end, std::int64_t energy, const Registers& before) {
  Closing closing{PlaceKey{1}, ModuleKey{1}, {begin, end, end.at - begin.at}, Quality::measured, Reason::none, "", {}};
  closing.postings.push_back(
      {ChannelKey{1}, MicroWattHours{energy}, {}, before.energy_import + MicroWattHours{energy}, before.energy_export});
  return closing;
}

RoundCommit round_of(std::vector<Closing> closings) {
  RoundCommit round;
  round.modules.push_back({PlaceKey{1}, ModuleKey{1}, std::move(closings), {}, {}, {}});
  return round;
}

}  // namespace

TEST_CASE("staging changes nothing, applying does") {
  auto books = books_of_one_place();
  auto round = round_of({closing(instant(seconds{0}), instant(seconds{60}), 1000, {})});
  round.modules[0].anchor = metering::Anchor{instant(seconds{60}), {}, {}, 1, 2, 3, true, false};
  const auto staged = books.stage(round);
  REQUIRE(staged);
  CHECK(books.channels.at(ChannelKey{1}).registers.energy_import == MicroWattHours{0});
  CHECK(books.chips.empty());
  CHECK(books.next_round == 7);
  REQUIRE(staged->lines.size() == 1);
  CHECK(staged->lines[0].row.id == (7 << 8));
  CHECK(staged->lines[0].row.mount == 1);
  CHECK_FALSE(staged->lines[0].row.slots[1]);
  books.apply(round, *staged);
  REQUIRE(books.chips.at(ModuleKey{1}).anchor);
  CHECK(books.chips.at(ModuleKey{1}).anchor->gc_tick == 3);
  CHECK(books.chips.at(ModuleKey{1}).place == PlaceKey{1});
  CHECK_FALSE(books.chips.at(ModuleKey{1}).intent);  // none planned: the old one is gone
  CHECK(books.channels.at(ChannelKey{1}).registers.energy_import == MicroWattHours{1000});
  CHECK(books.next_round == 8);
  CHECK(books.places.at(PlaceKey{1}).covered_until->at == BootTime{seconds{60}});
  CHECK(books.places.at(PlaceKey{1}).last_module == ModuleKey{1});
}

TEST_CASE("several closings of a place in one round follow from each other") {
  const auto books = books_of_one_place();
  Registers after_first;
  after_first.energy_import = MicroWattHours{1000};
  const auto first = closing(instant(seconds{0}), instant(seconds{60}), 1000, {});
  const auto second = closing(instant(seconds{60}), instant(seconds{90}), 5, after_first);
  const auto staged = books.stage(round_of({first, second}));
  REQUIRE(staged);
  CHECK(staged->rounds.size() == 2);  // they end in different seconds
  CHECK(staged->lines[1].row.id == (8 << 8));
  CHECK_FALSE(books.stage(round_of({second, first})));
}

TEST_CASE("closings share a round only when their ends have the same second, boot, trust and clock offset") {
  const auto books = books_of_one_place();
  const auto staged_rounds = [&](const Instant& other) {
    auto late = closing(instant(seconds{0}), instant(seconds{60}), 0, {});
    auto adjustment = closing(other, other, 0, {});
    adjustment.quality = Quality::adjustment;
    const auto staged = books.stage(round_of({late, adjustment}));
    REQUIRE(staged);
    return staged->rounds.size();
  };
  CHECK(staged_rounds(instant(seconds{60})) == 1);
  CHECK(staged_rounds(instant(seconds{60} + milliseconds{999})) == 1);
  CHECK(staged_rounds(instant(seconds{61})) == 2);
  CHECK(staged_rounds(instant(seconds{60} - Microseconds{1})) == 2);
  CHECK(staged_rounds(instant(seconds{60}, 2)) == 2);
  CHECK(staged_rounds(instant(seconds{60}, 1, false)) == 2);
  auto stepped = instant(seconds{60});
  stepped.utc += milliseconds{2};
  CHECK(staged_rounds(stepped) == 2);
  auto jitter = instant(seconds{60});
  jitter.utc += Microseconds{900};
  CHECK(staged_rounds(jitter) == 1);
}

TEST_CASE("more than 256 closings in one second take another round") {
  Books books;
  RoundCommit round;
  for (std::int64_t m = 1; m <= 300; ++m) {
    books.places[PlaceKey{m}] = {"m" + std::to_string(m), std::nullopt, std::nullopt};
    books.modules[ModuleKey{m}] = {};
    books.channels[ChannelKey{m}] = {PlaceKey{m}, "a", ChannelIndex{0}, {}};
    books.mounts[m] = {m, PlaceKey{m}, ModuleKey{m}, {ChannelKey{m}}};
    Closing line{
        PlaceKey{m}, ModuleKey{m}, {instant(seconds{0}), instant(seconds{60}), seconds{60}}, Quality::measured, Reason::none, "",
        {}};
    line.postings.push_back({ChannelKey{m}, MicroWattHours{1}, {}, MicroWattHours{1}, {}});
    round.modules.push_back({PlaceKey{m}, ModuleKey{m}, {line}, {}, {}, {}});
  }
  const auto staged = books.stage(round);
  REQUIRE(staged);
  REQUIRE(staged->rounds.size() == 2);
  CHECK(staged->lines[255].row.id == ((1 << 8) | 255));
  CHECK(staged->lines[256].row.id == (2 << 8));
}

TEST_CASE("a period that begins in another host boot is marked, and may begin anywhere there") {
  auto books = books_of_one_place();
  books.places[PlaceKey{1}].covered_until = instant(seconds{1000}, 1);
  auto across = closing(instant(seconds{1000}, 1), instant(seconds{30}, 2), 77, {});
  across.span.length = seconds{3600};
  const auto staged = books.stage(round_of({across}));
  REQUIRE(staged);
  CHECK(staged->lines[0].row.begins_in_other_boot());
  across.span.begin = instant(seconds{999}, 1);
  CHECK_FALSE(books.stage(round_of({across})));
}

TEST_CASE("a chip that posts a channel it was not opened with gets a mount for it") {
  auto books = books_of_one_place();
  books.mounts[1].channels[0].reset();
  const auto staged = books.stage(round_of({closing(instant(seconds{0}), instant(seconds{60}), 1, {})}));
  REQUIRE(staged);
  REQUIRE(staged->new_mounts.size() == 1);
  CHECK(staged->new_mounts[0].id == 2);
  CHECK(staged->lines[0].row.mount == 2);
}

TEST_CASE("missing mounts are made in threes, and only when the arrangement is new") {
  auto books = books_of_one_place();
  CHECK(books.missing_mounts(PlaceKey{1}, ModuleKey{1}, {ChannelKey{1}, ChannelKey{2}}).empty());
  CHECK(books.missing_mounts(PlaceKey{1}, ModuleKey{1}, {}).empty());
  const auto swapped = books.missing_mounts(PlaceKey{1}, ModuleKey{1}, {ChannelKey{2}, ChannelKey{1}});
  REQUIRE(swapped.size() == 1);
  CHECK(swapped[0].id == 2);
  const auto many = books.missing_mounts(PlaceKey{1}, ModuleKey{2}, {ChannelKey{1}, ChannelKey{2}, ChannelKey{3}, ChannelKey{4}});
  REQUIRE(many.size() == 2);
  CHECK(many[1].id == 3);
  CHECK(many[1].channels[0] == ChannelKey{4});
  CHECK_FALSE(many[1].channels[1]);
}

TEST_CASE("closings without postings book nothing and cover nothing") {
  const auto books = books_of_one_place();
  auto empty = closing(instant(seconds{0}), instant(seconds{60}), 1, {});
  empty.postings.clear();
  const auto staged = books.stage(round_of({empty}));
  REQUIRE(staged);
  CHECK(staged->lines.empty());
  CHECK(staged->rounds.empty());
  CHECK(staged->places.empty());
}
