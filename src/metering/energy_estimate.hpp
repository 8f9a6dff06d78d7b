// Energy of a module without a voltage input: its current x the voltage of another module x an assumed power factor, window by window.
// It is known only while somebody reads the module: its own averages of power are always 0. Pure. Protocol 1.2; design section 3.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "metering/live_energy.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

class EnergyEstimate {
 public:
  using Currents = std::array<std::optional<Amperes>, max_channels>;

  /// A hole that is bridged with the power before and after it; a longer one is nobody's.
  static constexpr Microseconds tolerated_hole = std::chrono::seconds{2};

  /// A time without a longer hole, from one reading to another.
  struct Stretch {
    BootTime begin{};
    BootTime end{};
    std::array<WattHours, max_channels> energy;  ///< never negative: without voltage nobody can tell which way it flows
  };

  /// The RMS currents of the window that ended at `at`; an absent one is bridged.
  void add(BootTime at, const Currents& currents, Volts voltage, double power_factor);
  /// What was seen since the last call, oldest first; the next stretch goes on where the last one ends.
  [[nodiscard]] std::vector<Stretch> take();

 private:
  void finish();

  std::array<LiveIntegrator, max_channels> channels_;
  std::vector<Stretch> finished_;
  std::optional<BootTime> begin_;
  BootTime last_{};
};

}  // namespace rbamp::metering
