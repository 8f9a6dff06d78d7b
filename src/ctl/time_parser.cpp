// parse_time and parse_span of ctl/time_text.hpp.
#include <charconv>
#include <optional>

#include "config/suggestion.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr std::int64_t longest_ago_s = std::int64_t{400} * 366 * 86'400;

tl::unexpected<Error> not_a_time(std::string_view text) {
  return failure(Errc::request_invalid, Remedy::give_up,
                 config::in_quotes(text) +
                     " is no time; write today, yesterday, 7d, 12h, 2026-11, 2026-11-01, \"2026-11-01 14:30\" or RFC 3339");
}

/// Takes characters from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// Exactly `count` digits.
  std::optional<int> digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return std::nullopt;
    const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + count, value);
    if (code != std::errc{} || end != rest_.data() + count || rest_.front() == '-') return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// 1 to 6 digits behind a point, as microseconds.
  std::optional<Microseconds> fraction() {
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && unit > 1) {
      unit /= 10;
      value += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (unit == 1'000'000) return std::nullopt;
    return Microseconds{value};
  }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

TimeSpan day_span(const TimeZone& zone, std::int32_t day) {
  return {from_local(zone, day, Microseconds::zero()), from_local(zone, day + 1, Microseconds::zero())};
}

TimeSpan instant(UtcTime when) { return {when, when}; }

std::int32_t number_of(const year_month_day& date) {
  return static_cast<std::int32_t>(sys_days{date}.time_since_epoch().count());
}

/// "today", "now", ...
std::optional<TimeSpan> from_word(std::string_view text, UtcTime now, const TimeZone& zone) {
  if (text == "now") return instant(now);
  if (text == "today") return day_span(zone, zone.local_day(now));
  if (text == "yesterday") return day_span(zone, zone.local_day(now) - 1);
  return std::nullopt;
}

/// "7d", "12h"
std::optional<TimeSpan> from_age(std::string_view text, UtcTime now, const TimeZone& zone) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t count = 0;
  const auto* last = text.data() + text.size() - 1;
  const auto [end, code] = std::from_chars(text.data(), last, count);
  if (code != std::errc{} || end != last || count < 0 || count > longest_ago_s) return std::nullopt;
  switch (*last) {
    case 's': return instant(now - seconds{count});
    case 'm': return count > longest_ago_s / 60 ? std::nullopt : std::optional{instant(now - minutes{count})};
    case 'h': return count > longest_ago_s / 3600 ? std::nullopt : std::optional{instant(now - hours{count})};
    case 'w': count *= 7; [[fallthrough]];
    case 'd':
      if (count > longest_ago_s / 86'400) return std::nullopt;
      return day_span(zone, zone.local_day(now) - static_cast<std::int32_t>(count));
    default: return std::nullopt;
  }
}

/// HH:MM[:SS[.ffffff]]
std::optional<Microseconds> clock_time(Scanner& scanner) {
  const auto hour = scanner.digits(2);
  if (!hour || *hour > 23 || !scanner.take(':')) return std::nullopt;
  const auto minute = scanner.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  Microseconds time = hours{*hour} + minutes{*minute};
  if (!scanner.take(':')) return time;
  const auto second = scanner.digits(2);
  if (!second || *second > 59) return std::nullopt;
  time += seconds{*second};
  if (!scanner.take('.')) return time;
  const auto fraction = scanner.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

/// "Z" or "+01:00"; nullopt when it is neither.
std::optional<seconds> utc_offset(Scanner& scanner) {
  if (scanner.take('Z')) return seconds{0};
  const bool is_west = scanner.take('-');
  if (!is_west && !scanner.take('+')) return std::nullopt;
  const auto hour = scanner.digits(2);
  if (!hour || *hour > 23 || !scanner.take(':')) return std::nullopt;
  const auto minute = scanner.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  const seconds offset = hours{*hour} + minutes{*minute};
  return is_west ? -offset : offset;
}

std::optional<TimeSpan> from_time_of_day(std::string_view text, UtcTime now, const TimeZone& zone) {
  Scanner scanner{text};
  const auto time = clock_time(scanner);
  if (!time || !scanner.is_at_end()) return std::nullopt;
  return instant(from_local(zone, zone.local_day(now), *time));
}

/// YYYY[-MM[-DD[(T| )time[offset]]]]
std::optional<TimeSpan> from_date(std::string_view text, const TimeZone& zone) {
  Scanner scanner{text};
  const auto year = scanner.digits(4);
  if (!year || *year < 1970 || *year > 2199) return std::nullopt;
  const auto january = year_month_day{std::chrono::year{*year} / 1 / 1};
  if (scanner.is_at_end())
    return TimeSpan{day_span(zone, number_of(january)).begin, day_span(zone, number_of(january + years{1})).begin};
  if (!scanner.take('-')) return std::nullopt;
  const auto month = scanner.digits(2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  const auto first = january + months{*month - 1};
  if (scanner.is_at_end())
    return TimeSpan{day_span(zone, number_of(first)).begin, day_span(zone, number_of(first + months{1})).begin};
  if (!scanner.take('-')) return std::nullopt;
  const auto day = scanner.digits(2);
  if (!day) return std::nullopt;
  const auto date = first.year() / first.month() / *day;
  if (!date.ok()) return std::nullopt;
  if (scanner.is_at_end()) return day_span(zone, number_of(date));
  if (!scanner.take('T') && !scanner.take('t') && !scanner.take(' ')) return std::nullopt;
  const auto time = clock_time(scanner);
  if (!time) return std::nullopt;
  if (scanner.is_at_end()) return instant(from_local(zone, number_of(date), *time));
  const auto offset = utc_offset(scanner);
  if (!offset || !scanner.is_at_end()) return std::nullopt;
  return instant(UtcTime{sys_days{date}.time_since_epoch() + *time - *offset});
}

}  // namespace

Result<TimeSpan> parse_time(std::string_view text, UtcTime now, const TimeZone& zone) {
  if (const auto named = from_word(text, now, zone)) return *named;
  if (const auto past = from_age(text, now, zone)) return *past;
  if (const auto today = from_time_of_day(text, now, zone)) return *today;
  if (const auto date = from_date(text, zone)) return *date;
  return not_a_time(text);
}

Result<TimeSpan> parse_span(std::string_view text, UtcTime now, const TimeZone& zone) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return parse_time(text, now, zone);
  auto from = parse_time(text.substr(0, dots), now, zone);
  if (!from) return from;
  const auto last = text.substr(dots + 2);
  auto to = last.empty() ? Result<TimeSpan>{instant(now)} : parse_time(last, now, zone);
  if (!to) return to;
  if (to->end < from->begin) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   config::in_quotes(text) + " ends before it begins; write the earlier time first");
  }
  return TimeSpan{from->begin, to->end};
}

}  // namespace rbamp::ctl
