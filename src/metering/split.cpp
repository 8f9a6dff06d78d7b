#include "metering/split.hpp"

namespace rbamp::metering {
namespace {

constexpr std::int64_t quarter_seconds = 900;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return quotient * by > value ? quotient - 1 : quotient;
}

/// floor(a * b / c) for b <= c < 2^62 without a 128-bit type, which 32-bit ARM lacks: long division, one bit of `a` at a time.
std::uint64_t mul_div(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t quotient = 0;
  std::uint64_t rest = 0;  // always < c
  for (int bit = 63; bit >= 0; --bit) {
    quotient <<= 1U;
    rest <<= 1U;
    if (((a >> static_cast<unsigned>(bit)) & 1U) != 0U) rest += b;
    while (rest >= c) {  // at most twice: rest < 2c + b
      rest -= c;
      ++quotient;
    }
  }
  return quotient;
}

/// The energy of the first `elapsed` of a span, rounded toward zero.
std::int64_t energy_until(std::int64_t amount, Microseconds elapsed, Microseconds length) {
  if (elapsed >= length) return amount;  // also the span without length
  if (elapsed <= Microseconds::zero()) return 0;
  const auto part = static_cast<std::uint64_t>(elapsed.count());
  const auto whole = static_cast<std::uint64_t>(length.count());
  // Unsigned negation is defined for the smallest int64 too.
  const auto magnitude = amount < 0 ? 0U - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
  const auto share = static_cast<std::int64_t>(mul_div(magnitude, part, whole));
  return amount < 0 ? -share : share;
}

}  // namespace

QuarterHour quarter_hour_at(const TimeZone& zone, UtcTime when) {
  const std::int64_t utc_s = floor_div(when.time_since_epoch().count(), 1'000'000);
  const std::int64_t local_s = utc_s + zone.offset_at(when).count();
  const std::int64_t begin_s = utc_s - (local_s - floor_div(local_s, quarter_seconds) * quarter_seconds);
  const UtcTime begin{std::chrono::seconds{begin_s}};
  return {begin, begin + std::chrono::seconds{quarter_seconds}, zone.local_day(begin)};
}

std::vector<Slice> slices_of(const TimeZone& zone, UtcTime end, Microseconds length) {
  const UtcTime begin = end - length;
  std::vector<Slice> slices;
  UtcTime at = begin;
  do {
    const QuarterHour quarter = quarter_hour_at(zone, at);
    const UtcTime until = quarter.end < end ? quarter.end : end;
    slices.push_back({quarter, at - begin, until - begin});
    at = until;
  } while (at < end);
  return slices;
}

MicroWattHours share_of(MicroWattHours amount, const Slice& slice, Microseconds length) {
  const std::int64_t before = slice.from == Microseconds::zero() ? 0 : energy_until(amount.value(), slice.from, length);
  return MicroWattHours{energy_until(amount.value(), slice.until, length) - before};
}

}  // namespace rbamp::metering
