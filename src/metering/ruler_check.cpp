#include "metering/ruler_check.hpp"

#include <algorithm>
#include <cmath>

namespace rbamp::metering {
namespace {

constexpr double largest_ratio = 100.0;

}  // namespace

std::optional<RulerCheck::Verdict> RulerCheck::add(Microseconds length, WattHours average, WattHours live) {
  watched_ += length;
  average_ += average;
  live_ += live;
  if (watched_ < span) return std::nullopt;
  const bool is_enough = std::max(average_, live_) >= least_energy;
  const double ratio = is_enough ? live_ / std::max(average_, live_ * (1.0 / largest_ratio)) : 1.0;
  watched_ = {};
  average_ = {};
  live_ = {};
  if (!is_enough) return std::nullopt;
  ratio_ = ratio;
  const bool drifts = std::abs(ratio - 1.0) > tolerance;
  const bool is_new = drifts && !drifts_;
  drifts_ = drifts;
  return Verdict{ratio, is_new};
}

}  // namespace rbamp::metering
