#include "metering/schedule.hpp"

namespace rbamp::metering {
namespace {

UtcTime boundary_after(UtcTime when, Microseconds period, std::chrono::seconds offset) {
  const auto local = when.time_since_epoch() + Microseconds{offset};
  auto count = local / period;
  if (local < Microseconds::zero() && local % period != Microseconds::zero()) --count;  // floor, also before 1970
  return UtcTime{(count + 1) * period - Microseconds{offset}};
}

}  // namespace

UtcTime next_boundary(UtcTime now, Microseconds period, Microseconds margin, const ZoneOffset& offset) {
  const UtcTime from = now + margin;
  const auto here = offset(from);
  const UtcTime candidate = boundary_after(from, period, here);
  const auto there = offset(candidate);
  if (there == here) return candidate;
  const UtcTime again = boundary_after(from, period, there);
  return again > from ? again : candidate;
}

}  // namespace rbamp::metering
