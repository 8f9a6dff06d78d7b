// Times as people read and write them.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/local_time.hpp"
#include "base/result.hpp"

namespace rbamp::ctl {

/// What a word for a time names: [begin, end). An instant has begin == end.
struct TimeSpan {
  UtcTime begin;
  UtcTime end;
};

/// Understands, in local time unless an offset says otherwise:
///   "2026", "2026-11", "2026-11-01", "today", "yesterday"       a year, month, day
///   "7d", "2w"                                                  the local day that many days or weeks ago
///   "90s", "15m", "12h", "now"                                  the instant that long ago
///   "14:30", "14:30:05"                                         that time today
///   "2026-11-01 14:30", "2026-11-01T14:30:05.250"               an instant
///   "2026-11-01T14:30:05Z", "2026-11-01T14:30+01:00"            RFC 3339: an instant
/// A local time that the clock shows twice is the earlier one; one that it skips is as much later as it skips.
/// Error request_invalid, which shows what is understood.
[[nodiscard]] Result<TimeSpan> parse_time(std::string_view text, UtcTime now, const TimeZone& zone);

/// One time, or "FROM..TO": from the begin of what FROM names to the end of what TO names; ".." without TO ends now.
/// Errors: as parse_time; request_invalid when it would end before it begins.
[[nodiscard]] Result<TimeSpan> parse_span(std::string_view text, UtcTime now, const TimeZone& zone);

/// The instant of a local calendar day and time of day, by the rule above.
[[nodiscard]] UtcTime from_local(const TimeZone& zone, std::int32_t day, Microseconds time_of_day);

/// "2026-11-01 14:30:05" in local time, whole seconds.
[[nodiscard]] std::string to_local(UtcTime when, const TimeZone& zone);
/// "14:30:05"
[[nodiscard]] std::string to_local_time_of_day(UtcTime when, const TimeZone& zone);
/// "2026-11-01T14:30:05+01:00"
[[nodiscard]] std::string to_local_rfc3339(UtcTime when, const TimeZone& zone);
/// "+01:00"
[[nodiscard]] std::string offset_text(UtcTime when, const TimeZone& zone);
/// "60 s", "59 min 30 s", "3 h 5 min", "2 d 4 h": at most two units; below two minutes with up to three decimals of a second.
[[nodiscard]] std::string length_text(Microseconds length);

}  // namespace rbamp::ctl
