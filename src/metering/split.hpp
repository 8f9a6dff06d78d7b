// Shares a stretch of energy out over local quarter hours, exactly: the parts always add up to the whole.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/local_time.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// A local quarter hour, half open. Named by the UTC instant of its begin, so that the hour which autumn repeats is two hours.
struct QuarterHour {
  UtcTime begin;
  UtcTime end;
  std::int32_t day = 0;  ///< local calendar day, days since 1970-01-01

  [[nodiscard]] bool contains(UtcTime when) const { return begin <= when && when < end; }
};

/// The quarter hour that contains `when`. Every zone's offset is a multiple of 15 minutes, so a quarter hour is always 900 s.
[[nodiscard]] QuarterHour quarter_hour_at(const TimeZone& zone, UtcTime when);

/// The part of a span that lies in one quarter hour, as offsets from the begin of the span.
struct Slice {
  QuarterHour quarter;
  Microseconds from{};
  Microseconds until{};
};

/// Cuts [end - length, end) at every quarter-hour boundary; in time order, never empty. A span without length (an adjustment)
/// is one slice in the quarter hour that contains `end`. `length` must not be negative.
[[nodiscard]] std::vector<Slice> slices_of(const TimeZone& zone, UtcTime end, Microseconds length);

/// What `slice` gets of `amount`, in proportion to time. Each cut is rounded once, toward zero, and both neighbours use the same
/// cut: that is why the shares of all slices add up to `amount` to the last micro-watt-hour, however long the span is.
[[nodiscard]] MicroWattHours share_of(MicroWattHours amount, const Slice& slice, Microseconds length);

}  // namespace rbamp::metering
