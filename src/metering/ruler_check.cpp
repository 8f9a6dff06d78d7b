#include "metering/ruler_check.hpp"

#include <cmath>

namespace rbamp::metering {

std::optional<RulerCheck::Verdict> RulerCheck::add(Microseconds length, WattHours average, WattHours live) {
  watched_ += length;
  average_ += average;
  live_ += live;
  if (watched_ < span) return std::nullopt;
  const bool is_enough = average_ >= least_energy;
  const double ratio = is_enough ? live_ / average_ : 1.0;
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
