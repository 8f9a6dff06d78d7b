// Two rulers for the same energy: the module's own average, and the sum of the live power that we read. Pure. Protocol 11.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// For one channel. Periods in which windows were missed, or nobody looked, are left out: they say nothing about the module.
class RulerCheck {
 public:
  static constexpr Microseconds span = std::chrono::hours{1};
  static constexpr double tolerance = 0.02;
  /// Below it, by both rulers, the noise of single windows is a visible part.
  static constexpr WattHours least_energy{20.0};

  struct Verdict {
    double ratio = 1.0;         ///< live sum over the module's average, of an hour; 100 at most
    bool is_new_drift = false;  ///< beyond the tolerance, and was not before
  };

  /// One period that was watched without a hole: import by the average, and by the positive windows. A verdict once an hour.
  [[nodiscard]] std::optional<Verdict> add(Microseconds length, WattHours average, WattHours live);
  /// Of the last whole hour.
  [[nodiscard]] std::optional<double> ratio() const { return ratio_; }
  /// Of the last period, with the noise of its single windows; none below least_energy in an hour.
  [[nodiscard]] std::optional<double> period_ratio() const { return period_ratio_; }

 private:
  Microseconds watched_{};
  WattHours average_;
  WattHours live_;
  std::optional<double> ratio_;
  std::optional<double> period_ratio_;
  bool drifts_ = false;
};

}  // namespace rbamp::metering
