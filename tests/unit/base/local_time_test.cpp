#include "base/local_time.hpp"

#include <string>

#include "support/catch.hpp"

namespace rbamp {
namespace {

using namespace std::chrono_literals;

// Only dates of the past: what zones will do is decided by parliaments, and tzdata follows.

/// UTC from calendar fields, independent of the library under test.
UtcTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  const std::chrono::sys_days date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
  return UtcTime{date.time_since_epoch() + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                 std::chrono::seconds{second}};
}

TimeZone zone(const std::string& name) {
  auto found = TimeZone::find(name);
  REQUIRE(found);
  return *found;
}

TEST_CASE("an IANA name is found, and an unknown one is explained") {
  CHECK(zone("Europe/Berlin").name() == "Europe/Berlin");
  for (const auto* name : {"Europe/Belin", "", "berlin", "../../etc/passwd", "/etc/passwd"}) {
    INFO(name);
    const auto found = TimeZone::find(name);
    REQUIRE_FALSE(found);
    CHECK(found.error().is(Errc::config_invalid));
    CHECK(found.error().detail.find(name) != std::string::npos);
  }
}

TEST_CASE("UTC has days of 24 hours and no offset") {
  const auto time_zone = TimeZone::utc();
  const auto noon = utc(2025, 3, 30, 12);
  CHECK(time_zone.offset_at(noon) == 0s);
  CHECK(time_zone.day_begin(noon) == utc(2025, 3, 30));
  CHECK(time_zone.next_day_begin(noon) == utc(2025, 3, 31));
}

TEST_CASE("a day has 23 hours in spring and 25 in autumn") {
  const auto berlin = zone("Europe/Berlin");
  const auto length = [&](UtcTime when) { return berlin.next_day_begin(when) - berlin.day_begin(when); };
  CHECK(length(utc(2025, 3, 29, 12)) == 24h);
  CHECK(length(utc(2025, 3, 30, 12)) == 23h);
  CHECK(length(utc(2025, 10, 26, 12)) == 25h);
  CHECK(berlin.day_begin(utc(2025, 3, 30, 12)) == utc(2025, 3, 29, 23));
  CHECK(berlin.day_begin(utc(2025, 10, 26, 12)) == utc(2025, 10, 25, 22));
  CHECK(berlin.offset_at(utc(2025, 3, 30, 0, 59, 59)) == 1h);
  CHECK(berlin.offset_at(utc(2025, 3, 30, 1)) == 2h);
}

TEST_CASE("a day begins exactly at its first instant") {
  const auto berlin = zone("Europe/Berlin");
  const auto begin = utc(2025, 1, 4, 23);
  CHECK(berlin.day_begin(begin) == begin);
  CHECK(berlin.local_day(begin) == berlin.local_day(begin - 1us) + 1);
  CHECK(berlin.next_day_begin(begin - 1us) == begin);
}

TEST_CASE("half-hour zones begin their days at half hours of UTC") {
  const auto kolkata = zone("Asia/Kolkata");
  CHECK(kolkata.offset_at(utc(2025, 1, 5)) == 5h + 30min);
  CHECK(kolkata.day_begin(utc(2025, 1, 5, 12)) == utc(2025, 1, 4, 18, 30));
  // Lord Howe moves by half an hour only.
  const auto lord_howe = zone("Australia/Lord_Howe");
  const auto length = [&](UtcTime when) { return lord_howe.next_day_begin(when) - lord_howe.day_begin(when); };
  CHECK(length(utc(2025, 4, 5, 20)) == 24h + 30min);
  CHECK(length(utc(2025, 10, 4, 20)) == 23h + 30min);
}

TEST_CASE("a day whose midnight is skipped begins right after the gap") {
  // 2018-11-04 in São Paulo: 00:00 became 01:00.
  const auto sao_paulo = zone("America/Sao_Paulo");
  const auto begin = utc(2018, 11, 4, 3);
  CHECK(sao_paulo.day_begin(utc(2018, 11, 4, 12)) == begin);
  CHECK(sao_paulo.next_day_begin(begin - 1s) == begin);
  CHECK(sao_paulo.next_day_begin(begin) - begin == 23h);
  CHECK(sao_paulo.local_day(begin) == sao_paulo.local_day(begin - 1s) + 1);
}

TEST_CASE("a day whose midnight comes twice begins at the first") {
  // 2024-11-03 in Havana: 01:00 became 00:00 of the same day.
  const auto havana = zone("America/Havana");
  const auto begin = utc(2024, 11, 3, 4);
  CHECK(havana.day_begin(utc(2024, 11, 3, 5, 30)) == begin);
  CHECK(havana.next_day_begin(begin) - begin == 25h);
}

TEST_CASE("a day that the clock leaves and enters again is one day") {
  // 2010-11-07 in St. John's: 00:01 became 23:01 of the day before, so the wall clock showed two Saturdays' ends.
  const auto st_johns = zone("America/St_Johns");
  const auto first_midnight = utc(2010, 11, 7, 2, 30);
  const auto back_on_saturday = first_midnight + 30min;
  CHECK(st_johns.day_begin(back_on_saturday) == first_midnight);
  CHECK(st_johns.local_day(back_on_saturday) == st_johns.local_day(first_midnight));
  CHECK(st_johns.next_day_begin(back_on_saturday) == utc(2010, 11, 8, 3, 30));
}

TEST_CASE("a day that a country left out is not there") {
  // Samoa had no 2011-12-30.
  const auto apia = zone("Pacific/Apia");
  const auto last = utc(2011, 12, 29, 20);  // the 29th
  const auto next = apia.next_day_begin(last);
  CHECK(next == utc(2011, 12, 30, 10));
  CHECK(apia.local_day(next) == apia.local_day(last) + 2);
}

TEST_CASE("in every zone days follow each other without overlap or hole") {
  for (const auto* name : {"Etc/UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/Havana",
                           "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Beirut", "Australia/Lord_Howe",
                           "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "Antarctica/Troll"}) {
    const auto time_zone = zone(name);
    INFO(name);
    for (auto when = utc(2009, 12, 31, 11, 17); when < utc(2012, 1, 5); when += 5h + 41min) {
      const auto begin = time_zone.day_begin(when);
      const auto end = time_zone.next_day_begin(when);
      REQUIRE(begin <= when);
      REQUIRE(when < end);
      REQUIRE(time_zone.day_begin(end) == end);
      REQUIRE(time_zone.day_begin(end - 1us) == begin);
      REQUIRE(time_zone.local_day(begin) == time_zone.local_day(when));
      REQUIRE(time_zone.local_day(end) > time_zone.local_day(when));
    }
  }
}

TEST_CASE("instants before 1970 have days, too") {
  const auto berlin = zone("Europe/Berlin");
  CHECK(berlin.local_day(utc(1969, 12, 31, 12)) == -1);
  CHECK(berlin.local_day(utc(1970, 1, 1, 12)) == 0);
}

TEST_CASE("times are written as RFC 3339 in UTC") {
  CHECK(to_rfc3339(utc(2026, 1, 5, 9)) == "2026-01-05T09:00:00Z");
  CHECK(to_rfc3339(utc(2026, 1, 5, 9) + 250ms + 999us, true) == "2026-01-05T09:00:00.250Z");
  CHECK(to_rfc3339(utc(2026, 1, 5, 9) + 999ms) == "2026-01-05T09:00:00Z");
  CHECK(to_rfc3339(UtcTime{-1us}, true) == "1969-12-31T23:59:59.999Z");
  CHECK(day_to_string(0) == "1970-01-01");
  CHECK(day_to_string(20'458) == "2026-01-05");
  CHECK(day_to_string(-1) == "1969-12-31");
}

}  // namespace
}  // namespace rbamp
