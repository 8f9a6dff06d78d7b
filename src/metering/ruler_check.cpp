#include "metering/ruler_check.hpp"

#include <algorithm>
#include <cmath>

namespace rbamp::metering {
namespace {

constexpr double largest_ratio = 100.0;

/// None: it is less energy than `least`.
std::optional<double> ratio_of(WattHours average, WattHours live, WattHours least) {
  if (std::max(average, live) < least) return std::nullopt;
  return live / std::max(average, live * (1.0 / largest_ratio));
}

}  // namespace

std::optional<RulerCheck::Verdict> RulerCheck::add(Microseconds length, WattHours average, WattHours live) {
  period_ratio_ = ratio_of(average, live, least_energy * (Hours{length} / Hours{span}));
  watched_ += length;
  average_ += average;
  live_ += live;
  if (watched_ < span) return std::nullopt;
  const auto ratio = ratio_of(average_, live_, least_energy);
  watched_ = {};
  average_ = {};
  live_ = {};
  if (!ratio) return std::nullopt;
  ratio_ = ratio;
  const bool drifts = std::abs(*ratio - 1.0) > tolerance;
  const bool is_new = drifts && !drifts_;
  drifts_ = drifts;
  return Verdict{*ratio, is_new};
}

}  // namespace rbamp::metering
