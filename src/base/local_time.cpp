#include "base/local_time.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <stdexcept>

namespace rbamp {

struct TimeZone::Impl {
  const date::time_zone* zone = nullptr;  // owned by the library's database, lives for ever
};

namespace {

date::sys_time<Microseconds> as_sys(UtcTime when) { return date::sys_time<Microseconds>{when.time_since_epoch()}; }

UtcTime begin_of(const date::time_zone* zone, date::local_days day) {
  // The first instant whose local date is `day`: choose::earliest for a doubled midnight; for a skipped one the library
  // gives the transition itself, which is where that day begins.
  const auto sys = zone->to_sys(date::local_seconds{day}, date::choose::earliest);
  return UtcTime{std::chrono::duration_cast<Microseconds>(sys.time_since_epoch())};
}

date::local_days local_day_of(const date::time_zone* zone, UtcTime when) {
  const auto seconds = date::floor<std::chrono::seconds>(as_sys(when));
  const auto day = date::floor<date::days>(zone->to_local(seconds));
  // A clock that goes back over midnight shows the day before once more (St. John's did, at 00:01). A day that has begun does not
  // end before the next one begins, or books would be opened twice.
  const auto next = day + date::days{1};
  return begin_of(zone, next) <= when ? next : day;
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  try {
    const auto* zone = name == "system" ? date::current_zone() : date::locate_zone(std::string{name});
    return TimeZone{zone->name(), std::make_shared<const Impl>(Impl{zone})};
  } catch (const std::exception&) {
    if (name == "system") {
      return failure(
          Errc::config_invalid, Remedy::give_up,
          "the system time zone cannot be found: install tzdata and set /etc/localtime, or name a zone in daemon.timezone");
    }
    return failure(Errc::config_invalid, Remedy::give_up,
                   "there is no time zone \"" + std::string{name} +
                       "\": use an IANA name such as \"Europe/Berlin\" (list: timedatectl list-timezones), or \"system\"");
  }
}

TimeZone TimeZone::utc() {
  // Etc/UTC is part of every tzdata; without tzdata nothing local works, and find() has said so before.
  return TimeZone{"Etc/UTC", std::make_shared<const Impl>(Impl{date::locate_zone("Etc/UTC")})};
}

std::chrono::seconds TimeZone::offset_at(UtcTime when) const {
  return impl_->zone->get_info(date::floor<std::chrono::seconds>(as_sys(when))).offset;
}

UtcTime TimeZone::day_begin(UtcTime when) const { return begin_of(impl_->zone, local_day_of(impl_->zone, when)); }

UtcTime TimeZone::next_day_begin(UtcTime when) const {
  return begin_of(impl_->zone, local_day_of(impl_->zone, when) + date::days{1});
}

std::int32_t TimeZone::local_day(UtcTime when) const {
  return static_cast<std::int32_t>(local_day_of(impl_->zone, when).time_since_epoch().count());
}

std::string to_rfc3339(UtcTime when, bool with_milliseconds) {
  if (with_milliseconds) return date::format("%FT%TZ", date::floor<std::chrono::milliseconds>(as_sys(when)));
  return date::format("%FT%TZ", date::floor<std::chrono::seconds>(as_sys(when)));
}

std::string day_to_string(std::int32_t days) { return date::format("%F", date::sys_days{date::days{days}}); }

}  // namespace rbamp
