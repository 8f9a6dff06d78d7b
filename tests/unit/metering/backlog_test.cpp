#include "metering/backlog.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::seconds;

namespace {

constexpr BootId boot{BootId::Bytes{1}};

Closing minute(int n, std::int64_t energy, std::int64_t total, Quality quality = Quality::measured) {
  Closing closing;
  closing.span.begin = {boot, BootTime{seconds{60 * n}}, UtcTime{seconds{60 * n}}, true};
  closing.span.end = {boot, BootTime{seconds{60 * (n + 1)}}, UtcTime{seconds{60 * (n + 1)}}, true};
  closing.span.length = seconds{60};
  closing.quality = quality;
  closing.postings.push_back(
      {ChannelKey{1}, MicroWattHours{energy}, MicroWattHours{0}, MicroWattHours{total}, MicroWattHours{0}, 0.5, 0.0, false});
  return closing;
}

RoundCommit round_of(Closing closing, std::uint16_t tick = no_gc_tick) {
  RoundCommit round;
  round.modules.push_back({PlaceKey{1}, ModuleKey{1}, {std::move(closing)}, std::nullopt, std::nullopt, std::nullopt});
  round.last_gc_tick = tick;
  return round;
}

}  // namespace

TEST_CASE("adjoining periods of one kind become one with their energies added") {
  const auto joined = join(round_of(minute(0, 100, 100)), round_of(minute(1, 50, 150), 9));
  REQUIRE(joined.modules.size() == 1);
  REQUIRE(joined.modules[0].closings.size() == 1);
  const auto& closing = joined.modules[0].closings[0];
  CHECK(closing.span.length == seconds{120});
  CHECK(closing.postings[0].energy_import.value() == 150);
  CHECK(closing.postings[0].total_import.value() == 150);
  CHECK(joined.last_gc_tick == 9);
}

TEST_CASE("periods of another quality, or with a hole between, stay lines of their own") {
  CHECK(join(round_of(minute(0, 100, 100)), round_of(minute(1, 0, 100, Quality::gap))).modules[0].closings.size() == 2);
  CHECK(join(round_of(minute(0, 100, 100)), round_of(minute(2, 50, 150))).modules[0].closings.size() == 2);
}

TEST_CASE("the later anchor and intent win, a reset is kept") {
  auto earlier = round_of(minute(0, 1, 1));
  earlier.modules[0].reset = ResetSeen{};
  earlier.modules[0].anchor = Anchor{};
  auto later = round_of(minute(1, 1, 2));
  later.modules[0].anchor = Anchor{};
  later.modules[0].anchor->uptime_s = 77;
  const auto joined = join(std::move(earlier), std::move(later));
  CHECK(joined.modules[0].anchor->uptime_s == 77);
  CHECK(joined.modules[0].reset);
  CHECK_FALSE(joined.modules[0].next_intent);
}
