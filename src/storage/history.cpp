#include "storage/history.hpp"

namespace rbamp::storage {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::year_month_day;

/// The instant at which a local calendar day begins. Noon UTC of the day before is never later than that, in any zone.
UtcTime begin_of_day(const TimeZone& zone, std::chrono::sys_days day) {
  UtcTime begin = zone.day_begin(UtcTime{day.time_since_epoch()} - hours{24});
  while (zone.local_day(begin) < day.time_since_epoch().count()) begin = zone.next_day_begin(begin);
  return begin;
}

}  // namespace

std::pair<UtcTime, UtcTime> bucket_at(const TimeZone& zone, Bucket bucket, UtcTime when) {
  if (bucket == Bucket::quarter_hour) {
    const auto quarter = metering::quarter_hour_at(zone, when);
    return {quarter.begin, quarter.end};
  }
  if (bucket == Bucket::hour) {
    // From the quarter hour: it has whole seconds, and its distance from the full local hour is 0, 15, 30 or 45 minutes.
    const auto quarter = metering::quarter_hour_at(zone, when);
    const auto local = quarter.begin.time_since_epoch() + zone.offset_at(quarter.begin);
    const UtcTime begin = quarter.begin - (local - std::chrono::floor<hours>(local));
    return {begin, begin + hours{1}};
  }
  const std::chrono::sys_days day{days{zone.local_day(when)}};
  if (bucket == Bucket::day) return {zone.day_begin(when), zone.next_day_begin(when)};
  const year_month_day date{day};
  if (bucket == Bucket::month) {
    const auto month = date.year() / date.month();
    const auto next = month + std::chrono::months{1};
    return {begin_of_day(zone, month / 1), begin_of_day(zone, next / 1)};
  }
  return {begin_of_day(zone, date.year() / 1 / 1), begin_of_day(zone, (date.year() + std::chrono::years{1}) / 1 / 1)};
}

void BarChart::add(UtcTime when, MicroWattHours energy_import, MicroWattHours energy_export, std::uint8_t qualities) {
  auto found = bars_.upper_bound(when);
  if (found == bars_.begin() || when >= (--found)->second.end) {
    const auto [begin, end] = bucket_at(zone_, bucket_, when);
    if (begin < from_ || begin >= to_) return;
    found = bars_.try_emplace(begin, Bar{begin, end, {}, {}, 0}).first;
  }
  Bar& bar = found->second;
  bar.energy_import += energy_import;
  bar.energy_export += energy_export;
  bar.qualities = static_cast<std::uint8_t>(bar.qualities | qualities);
}

std::vector<Bar> BarChart::bars() const {
  std::vector<Bar> bars;
  bars.reserve(bars_.size());
  for (const auto& entry : bars_) bars.push_back(entry.second);
  return bars;
}

}  // namespace rbamp::storage
