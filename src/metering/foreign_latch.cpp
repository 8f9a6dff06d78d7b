#include "metering/foreign_latch.hpp"

#include "metering/evidence.hpp"

namespace rbamp::metering {
namespace {

constexpr Microseconds tolerance = std::chrono::milliseconds{10};  // whole milliseconds, twice, and the writes of two latches

}  // namespace

std::optional<Microseconds> before_foreign_latch(Microseconds length, std::uint32_t theirs_ms, std::uint32_t ours_ms) {
  const auto chip_ms = static_cast<double>(theirs_ms) + static_cast<double>(ours_ms);
  const auto length_ms = static_cast<double>(length.count()) / 1000.0;
  const auto slack_ms = static_cast<double>(tolerance.count()) / 1000.0;
  if (chip_ms <= 0.0 || length <= Microseconds::zero()) return std::nullopt;
  if (chip_ms + slack_ms < length_ms * slowest_chip_clock || chip_ms > length_ms * fastest_chip_clock + slack_ms)
    return std::nullopt;
  return Microseconds{
      static_cast<std::int64_t>(static_cast<double>(length.count()) * (static_cast<double>(theirs_ms) / chip_ms))};
}

}  // namespace rbamp::metering
