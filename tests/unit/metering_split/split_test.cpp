#include "metering/split.hpp"

#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

UtcTime utc(std::int64_t s) { return UtcTime{seconds{s}}; }

constexpr std::int64_t monday_noon = 1767614400;    // 2026-01-05T12:00:00Z
constexpr std::int64_t berlin_autumn = 1792890000;  // 2026-10-25T01:00:00Z: 03:00 CEST becomes 02:00 CET
constexpr std::int64_t berlin_spring = 1774746000;  // 2026-03-29T01:00:00Z: 02:00 CET becomes 03:00 CEST

TimeZone zone(const char* name) { return TimeZone::find(name).value(); }

MicroWattHours sum_of(MicroWattHours amount, const std::vector<Slice>& slices, Microseconds length) {
  MicroWattHours sum;
  for (const auto& slice : slices) sum += share_of(amount, slice, length);
  return sum;
}

}  // namespace

TEST_CASE("a period inside one quarter hour is one slice with everything") {
  const auto slices = slices_of(TimeZone::utc(), utc(monday_noon + 120), minutes{1});
  REQUIRE(slices.size() == 1);
  CHECK(slices[0].quarter.begin == utc(monday_noon));
  CHECK(slices[0].quarter.end == utc(monday_noon + 900));
  CHECK(share_of(MicroWattHours{12345}, slices[0], minutes{1}) == MicroWattHours{12345});
}

TEST_CASE("a period that ends on the boundary belongs to the quarter hour before it") {
  const auto slices = slices_of(TimeZone::utc(), utc(monday_noon + 900), minutes{1});
  REQUIRE(slices.size() == 1);
  CHECK(slices[0].quarter.begin == utc(monday_noon));
}

TEST_CASE("an adjustment at the boundary belongs to the quarter hour that begins there") {
  const auto slices = slices_of(TimeZone::utc(), utc(monday_noon + 900), Microseconds::zero());
  REQUIRE(slices.size() == 1);
  CHECK(slices[0].quarter.begin == utc(monday_noon + 900));
  CHECK(share_of(MicroWattHours{-77}, slices[0], Microseconds::zero()) == MicroWattHours{-77});
}

TEST_CASE("a period across a boundary is shared in proportion to time") {
  const auto slices = slices_of(TimeZone::utc(), utc(monday_noon + 900 + 45), minutes{1});
  REQUIRE(slices.size() == 2);
  CHECK(share_of(MicroWattHours{1000}, slices[0], minutes{1}) == MicroWattHours{250});
  CHECK(share_of(MicroWattHours{1000}, slices[1], minutes{1}) == MicroWattHours{750});
}

TEST_CASE("the shares of any period add up to its energy exactly") {
  std::mt19937_64 random{20260105};  // NOLINT: reproducible on purpose
  const TimeZone zones[] = {TimeZone::utc(), zone("Europe/Berlin"), zone("Asia/Kathmandu"), zone("Australia/Lord_Howe"),
                            zone("America/New_York")};
  std::uniform_int_distribution<std::int64_t> when{1700000000'000000, 1900000000'000000};
  for (int round = 0; round < 3000; ++round) {
    const Microseconds length{std::uniform_int_distribution<std::int64_t>{1, 1LL << (round % 40)}(random)};
    const auto bits = static_cast<unsigned>(round % 62);
    std::int64_t value = std::uniform_int_distribution<std::int64_t>{0, 1LL << bits}(random);
    if (round % 7 == 0) value = -value;
    const MicroWattHours amount{value};
    const UtcTime end{Microseconds{when(random)}};
    const auto slices = slices_of(zones[round % 5], end, length);
    CHECK(sum_of(amount, slices, length) == amount);
    CHECK(slices.front().from == Microseconds::zero());
    CHECK(slices.back().until == length);
    for (std::size_t i = 0; i < slices.size(); ++i) {
      CHECK(slices[i].quarter.begin <= end - length + slices[i].from);
      CHECK(end - length + slices[i].until <= slices[i].quarter.end);
      CHECK(slices[i].quarter.end - slices[i].quarter.begin == Microseconds{seconds{900}});
      if (i > 0) CHECK(slices[i].from == slices[i - 1].until);
      const auto share = share_of(amount, slices[i], length).value();
      if (value >= 0) CHECK(share >= 0);
      if (value <= 0) CHECK(share <= 0);
    }
  }
}

TEST_CASE("the greatest energy is shared without overflow") {
  const MicroWattHours most{std::numeric_limits<std::int64_t>::max()};
  const MicroWattHours least{std::numeric_limits<std::int64_t>::min() + 1};
  const Microseconds year = hours{24 * 365};
  const auto slices = slices_of(TimeZone::utc(), utc(monday_noon + 7), year);
  CHECK(slices.size() == 24 * 365 * 4 + 1);
  CHECK(sum_of(most, slices, year) == most);
  CHECK(sum_of(least, slices, year) == least);
}

TEST_CASE("the hour that autumn repeats is two hours of four quarters each") {
  const auto berlin = zone("Europe/Berlin");
  const auto slices = slices_of(berlin, utc(berlin_autumn + 3600), hours{2});
  REQUIRE(slices.size() == 8);
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(slices[i].quarter.begin == utc(berlin_autumn - 3600 + static_cast<std::int64_t>(i) * 900));
    CHECK(slices[i].quarter.day == berlin.local_day(utc(berlin_autumn)));
  }
}

TEST_CASE("local days have 92, 96 or 100 quarter hours") {
  const auto berlin = zone("Europe/Berlin");
  const auto quarters_of_day = [&](UtcTime when) {
    const UtcTime begin = berlin.day_begin(when);
    const UtcTime end = berlin.next_day_begin(when);
    std::size_t of_day = 0;
    for (const auto& slice : slices_of(berlin, end, end - begin)) of_day += slice.quarter.day == berlin.local_day(when) ? 1U : 0U;
    return of_day;
  };
  CHECK(quarters_of_day(utc(monday_noon)) == 96);
  CHECK(quarters_of_day(utc(berlin_spring)) == 92);
  CHECK(quarters_of_day(utc(berlin_autumn)) == 100);
}

TEST_CASE("quarter hours follow zones that are 45 minutes off") {
  const auto kathmandu = zone("Asia/Kathmandu");  // +05:45
  const auto quarter = quarter_hour_at(kathmandu, utc(monday_noon + 60));
  CHECK(quarter.begin == utc(monday_noon));
  CHECK(quarter_hour_at(kathmandu, utc(1767636900 - 1)).day + 1 ==
        quarter_hour_at(kathmandu, utc(1767636900)).day);  // 18:15 UTC is midnight
}

TEST_CASE("instants before 1970 have a quarter hour too") {
  const auto quarter = quarter_hour_at(TimeZone::utc(), UtcTime{Microseconds{-1}});
  CHECK(quarter.begin == utc(-900));
  CHECK(quarter.end == utc(0));
  CHECK(quarter.day == -1);
}
