#include "fleet/edge_latency.hpp"

#include <algorithm>
#include <cmath>

namespace rbamp::fleet {
namespace {

constexpr double first_step_us = 8.0;
constexpr double steps_per_octave = 4.0;
constexpr std::uint32_t fades_at = 36'000;  // two hours of five windows a second

}  // namespace

void EdgeLatency::add(Microseconds latency) {
  const double octaves = std::log2(std::max(static_cast<double>(latency.count()), first_step_us) / first_step_us);
  const auto step = static_cast<std::size_t>(std::ceil(octaves * steps_per_octave));
  ++counts_[std::min(step, steps - 1)];
  if (++total_ < fades_at) return;
  total_ = 0;
  for (auto& count : counts_) {
    count /= 2;
    total_ += count;
  }
}

std::optional<Microseconds> EdgeLatency::quantile(double share) const {
  if (total_ == 0) return std::nullopt;
  const auto wanted = static_cast<std::uint32_t>(std::ceil(share * total_));
  std::uint32_t seen = 0;
  std::size_t step = 0;
  while (step + 1 < steps && (seen += counts_[step]) < wanted) ++step;
  return Microseconds{std::llround(first_step_us * std::exp2(static_cast<double>(step) / steps_per_octave))};
}

}  // namespace rbamp::fleet
