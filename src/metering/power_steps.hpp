// Loads that are switched: steps of active power that stay. Pure.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

struct PowerStep {
  Watts delta;    ///< positive: turned on
  Watts power;    ///< mean since the step
  Watts average;  ///< exponential moving average before it
  BootTime at{};  ///< first reading on the new level
};

/// Compares each reading with the exponential moving average of those before. A step is a difference of at least `threshold` that two
/// readings in a row, and `hold`, confirm; below 70 % of the threshold it does not count as begun (hysteresis). For `spacing` after a
/// step nothing is reported and the average stays: a load that toggles tells at most one step in that time, and a level that is still
/// another one afterwards is told then.
class PowerSteps {
 public:
  struct Settings {
    Watts threshold{1000.0};
    Microseconds hold = std::chrono::seconds{1};
    Microseconds spacing = std::chrono::seconds{60};
    Microseconds time_constant = std::chrono::seconds{30};  ///< of the average
  };
  explicit PowerSteps(Settings settings) : settings_(settings) {}

  [[nodiscard]] std::optional<PowerStep> add(BootTime at, Watts power);
  /// The readings were interrupted: what comes next is no step.
  void restart();

 private:
  struct Candidate {
    BootTime since{};
    Watts sum;
    unsigned readings = 0;
    bool is_rise = false;
  };

  void follow(BootTime at, Watts power);

  Settings settings_;
  std::optional<Watts> average_;
  BootTime last_at_{};
  std::optional<BootTime> last_step_;
  std::optional<Candidate> candidate_;
};

}  // namespace rbamp::metering
