#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct LocalParts {
  std::int32_t day = 0;
  std::int64_t second_of_day = 0;
};

LocalParts local_parts(UtcTime when, const TimeZone& zone) {
  const auto local = floor<seconds>(when.time_since_epoch() + zone.offset_at(when));
  const auto day = floor<days>(local);
  return {static_cast<std::int32_t>(day.count()), (local - day).count()};
}

/// With leading zeros.
std::string digits(std::int64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::string time_of_day(std::int64_t second_of_day) {
  return digits(second_of_day / 3600, 2) + ":" + digits(second_of_day / 60 % 60, 2) + ":" + digits(second_of_day % 60, 2);
}

std::string seconds_text(Microseconds length) {
  const auto thousandths = std::chrono::round<std::chrono::milliseconds>(length).count();
  std::string text = std::to_string(thousandths / 1000);
  if (thousandths % 1000 != 0) {
    text += "." + digits(thousandths % 1000, 3);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + " s";
}

std::string two_units(std::int64_t great, const char* great_unit, std::int64_t small, const char* small_unit) {
  std::string text = std::to_string(great) + great_unit;
  if (small != 0) text += " " + std::to_string(small) + small_unit;
  return text;
}

}  // namespace

UtcTime from_local(const TimeZone& zone, std::int32_t day, Microseconds time_of_day) {
  const UtcTime local{days{day} + time_of_day};  // as if the local time were UTC
  // No zone changes its offset twice within two days.
  const auto before = zone.offset_at(local - hours{24});
  const auto after = zone.offset_at(local + hours{24});
  const UtcTime early = local - before;
  if (zone.offset_at(early) == before) return early;
  const UtcTime late = local - after;
  if (zone.offset_at(late) == after) return late;
  return early;  // the clock skips this time: with the offset of before it is as much later as it skips
}

std::string to_local(UtcTime when, const TimeZone& zone) {
  const auto parts = local_parts(when, zone);
  return day_to_string(parts.day) + " " + time_of_day(parts.second_of_day);
}

std::string to_local_time_of_day(UtcTime when, const TimeZone& zone) {
  return time_of_day(local_parts(when, zone).second_of_day);
}

std::string to_local_rfc3339(UtcTime when, const TimeZone& zone) {
  const auto parts = local_parts(when, zone);
  return day_to_string(parts.day) + "T" + time_of_day(parts.second_of_day) + offset_text(when, zone);
}

std::string offset_text(UtcTime when, const TimeZone& zone) {
  const auto offset = zone.offset_at(when).count();
  const auto minutes_off = (offset < 0 ? -offset : offset) / 60;
  return (offset < 0 ? "-" : "+") + digits(minutes_off / 60, 2) + ":" + digits(minutes_off % 60, 2);
}

std::string length_text(Microseconds length) {
  if (length < minutes{2}) return seconds_text(length);
  const auto whole = std::chrono::round<seconds>(length).count();
  if (whole < 7200) return two_units(whole / 60, " min", whole % 60, " s");
  if (whole < 172'800) return two_units(whole / 3600, " h", whole / 60 % 60, " min");
  return two_units(whole / 86'400, " d", whole / 3600 % 24, " h");
}

}  // namespace rbamp::ctl
