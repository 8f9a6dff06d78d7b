// Local time by IANA zone. The only header behind which a time zone library stands.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace rbamp {

/// A zone of the system's tzdata. Cheap to copy, immutable, safe from any thread; no call blocks after construction.
/// Days follow each other without overlap: day_begin(t) <= t < next_day_begin(t), and local_day never falls. The library reads the
/// transitions that tzdata lists, which Debian does up to 2037, and not the rule for the years after.
class TimeZone {
 public:
  /// "system" (what /etc/localtime points to) or an IANA name such as "Europe/Berlin".
  /// Error: config_invalid with the name and what to do (tzdata missing, misspelt).
  [[nodiscard]] static Result<TimeZone> find(std::string_view name);
  [[nodiscard]] static TimeZone utc();

  /// Local minus UTC at that instant.
  [[nodiscard]] std::chrono::seconds offset_at(UtcTime when) const;
  /// The instant at which the local day that contains `when` began. A day that begins in a DST gap begins after the gap.
  [[nodiscard]] UtcTime day_begin(UtcTime when) const;
  /// The instant at which the next local day begins: 23, 24 or 25 hours after day_begin, as the zone says.
  [[nodiscard]] UtcTime next_day_begin(UtcTime when) const;
  /// The local calendar day as days since 1970-01-01.
  [[nodiscard]] std::int32_t local_day(UtcTime when) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Impl;
  TimeZone(std::string name, std::shared_ptr<const Impl> impl) : name_(std::move(name)), impl_(std::move(impl)) {}
  std::string name_;
  std::shared_ptr<const Impl> impl_;
};

/// "2026-01-05T09:00:00Z", or with milliseconds "2026-01-05T09:00:00.250Z". RFC 3339, always UTC.
[[nodiscard]] std::string to_rfc3339(UtcTime when, bool with_milliseconds = false);
/// "2026-01-05" for days since 1970-01-01.
[[nodiscard]] std::string day_to_string(std::int32_t days);

}  // namespace rbamp
