#include "ctl/time_text.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::ctl;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const TimeZone& berlin() {
  static const TimeZone zone = TimeZone::find("Europe/Berlin").value();
  return zone;
}

/// 2026-11-21 14:30:05 in Berlin.
const UtcTime now{seconds{1795267805}};

std::string begin_of(const std::string& text) {
  return to_local_rfc3339(parse_time(text, now, berlin()).value().begin, berlin());
}
std::string end_of(const std::string& text) { return to_local_rfc3339(parse_time(text, now, berlin()).value().end, berlin()); }
bool is_refused(const std::string& text) {
  const auto parsed = parse_time(text, now, berlin());
  return !parsed && parsed.error().is(Errc::request_invalid) && parsed.error().detail.find("2026-11-01") != std::string::npos;
}

}  // namespace

TEST_CASE("a day, a month and a year are local, and named from begin to end") {
  CHECK(begin_of("2026-11-01") == "2026-11-01T00:00:00+01:00");
  CHECK(end_of("2026-11-01") == "2026-11-02T00:00:00+01:00");
  CHECK(begin_of("2026-07") == "2026-07-01T00:00:00+02:00");
  CHECK(end_of("2026-12") == "2027-01-01T00:00:00+01:00");
  CHECK(begin_of("2026") == "2026-01-01T00:00:00+01:00");
  CHECK(end_of("2026") == "2027-01-01T00:00:00+01:00");
  CHECK(end_of("2028-02-29") == "2028-03-01T00:00:00+01:00");
}

TEST_CASE("today and yesterday are whole local days, 7d is the day a week ago, 12h an instant") {
  CHECK(begin_of("today") == "2026-11-21T00:00:00+01:00");
  CHECK(end_of("today") == "2026-11-22T00:00:00+01:00");
  CHECK(begin_of("yesterday") == "2026-11-20T00:00:00+01:00");
  CHECK(end_of("yesterday") == "2026-11-21T00:00:00+01:00");
  CHECK(begin_of("7d") == "2026-11-14T00:00:00+01:00");
  CHECK(end_of("7d") == "2026-11-15T00:00:00+01:00");
  CHECK(begin_of("1w") == begin_of("7d"));
  CHECK(begin_of("0d") == begin_of("today"));
  CHECK(begin_of("12h") == "2026-11-21T02:30:05+01:00");
  CHECK(end_of("12h") == begin_of("12h"));
  CHECK(begin_of("30m") == "2026-11-21T14:00:05+01:00");
  CHECK(begin_of("5s") == "2026-11-21T14:30:00+01:00");
  CHECK(begin_of("now") == "2026-11-21T14:30:05+01:00");
}

TEST_CASE("a time of day is today's, with a date it is that day's, and an offset overrides the zone") {
  CHECK(begin_of("08:15") == "2026-11-21T08:15:00+01:00");
  CHECK(begin_of("08:15:30") == "2026-11-21T08:15:30+01:00");
  CHECK(begin_of("2026-11-01 14:30") == "2026-11-01T14:30:00+01:00");
  CHECK(begin_of("2026-11-01T14:30:05") == "2026-11-01T14:30:05+01:00");
  CHECK(begin_of("2026-11-01T14:30:05Z") == "2026-11-01T15:30:05+01:00");
  CHECK(begin_of("2026-11-01T14:30:05-05:30") == "2026-11-01T21:00:05+01:00");
  CHECK(parse_time("2026-11-01T00:00:00.250001Z", now, berlin()).value().begin ==
        parse_time("2026-11-01T00:00:00Z", now, berlin()).value().begin + microseconds{250'001});
}

TEST_CASE("the day of 25 hours has them, and a time that it shows twice is the earlier one") {
  const auto day = parse_time("2026-10-25", now, berlin()).value();
  CHECK(day.end - day.begin == hours{25});
  CHECK(begin_of("2026-10-25 02:30") == "2026-10-25T02:30:00+02:00");
  CHECK(begin_of("2026-10-25T02:30:00+01:00") == "2026-10-25T02:30:00+01:00");
}

TEST_CASE("the day of 23 hours has them, and a time that it skips is as much later") {
  const auto day = parse_time("2026-03-29", now, berlin()).value();
  CHECK(day.end - day.begin == hours{23});
  CHECK(begin_of("2026-03-29 02:30") == "2026-03-29T03:30:00+02:00");
}

TEST_CASE("what is no time is refused with examples of what is") {
  for (const std::string text : {"",
                                 " ",
                                 "tomorow",
                                 "7",
                                 "7x",
                                 "d",
                                 "-3d",
                                 "+3d",
                                 "1.5h",
                                 "99999999999999999999d",
                                 "2026-13",
                                 "2026-00",
                                 "2026-11-31",
                                 "2027-02-29",
                                 "2026-1-1",
                                 "20261101",
                                 "24:00",
                                 "12:60",
                                 "12:30:60",
                                 "2026-11-01 ",
                                 "2026-11-01T",
                                 "2026-11-01 14",
                                 "2026-11-01T14:30+1",
                                 "2026-11-01T14:30+25:00",
                                 "2026-11-01T14:30Zx",
                                 "2026-11-01T14:30:05.",
                                 "1969-12-31",
                                 "2200-01-01"}) {
    INFO(text);
    CHECK(is_refused(text));
  }
}

TEST_CASE("a span goes from the begin of the first to the end of the last") {
  const auto span = parse_span("2026-10..2026-10", now, berlin()).value();
  CHECK(to_local_rfc3339(span.begin, berlin()) == "2026-10-01T00:00:00+02:00");
  CHECK(to_local_rfc3339(span.end, berlin()) == "2026-11-01T00:00:00+01:00");
  CHECK(parse_span("yesterday..", now, berlin()).value().end == now);
  CHECK(parse_span("yesterday", now, berlin()).value().end - parse_span("yesterday", now, berlin()).value().begin == hours{24});
  const auto backwards = parse_span("today..2026-10-01", now, berlin());
  REQUIRE(!backwards);
  CHECK(backwards.error().detail.find("earlier time first") != std::string::npos);
  CHECK(!parse_span("..today", now, berlin()));
}

TEST_CASE("local times are shown with the offset of that instant") {
  const UtcTime summer{seconds{1784500205}};
  CHECK(to_local(summer, berlin()) == "2026-07-20 00:30:05");
  CHECK(to_local_time_of_day(summer, berlin()) == "00:30:05");
  CHECK(to_local_rfc3339(summer, berlin()) == "2026-07-20T00:30:05+02:00");
  CHECK(offset_text(now, TimeZone::find("Asia/Kathmandu").value()) == "+05:45");
  CHECK(offset_text(summer, TimeZone::find("America/St_Johns").value()) == "-02:30");
}

TEST_CASE("a length has the units that fit it") {
  CHECK(length_text(seconds{60}) == "60 s");
  CHECK(length_text(milliseconds{59'998}) == "59.998 s");
  CHECK(length_text(milliseconds{60'500}) == "60.5 s");
  CHECK(length_text(minutes{59} + seconds{30}) == "59 min 30 s");
  CHECK(length_text(minutes{15}) == "15 min");
  CHECK(length_text(hours{3} + minutes{5}) == "3 h 5 min");
  CHECK(length_text(hours{52}) == "2 d 4 h");
}
