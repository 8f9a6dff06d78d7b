// The supply of the simulated house: one voltage for every clamp, with outages.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/load.hpp"

namespace rbamp::simulator {

struct MainsSettings {
  double voltage_v = 230.0;
  double frequency_hz = 50.0;
  double swing_v = 0.0;  ///< the voltage wanders by this much around its nominal value, slowly
};

class Mains {
 public:
  explicit Mains(const MainsSettings& settings) : settings_(settings) {}

  /// RMS over [from, to), which must not be empty; 0.0 in an outage.
  [[nodiscard]] double voltage_rms(SimTime from, SimTime to) const;
  [[nodiscard]] bool is_on(SimTime at) const;
  [[nodiscard]] double frequency_hz() const { return settings_.frequency_hz; }
  [[nodiscard]] SimTime half_period() const { return SimTime{static_cast<SimTime::rep>(5e8 / settings_.frequency_hz)}; }
  /// From `at` to the next zero crossing of the voltage.
  [[nodiscard]] SimTime to_zero_crossing(SimTime at) const { return half_period() - phase_of(at, half_period()); }

  /// Keeps the list in order; overlapping outages are joined. Past instants must not be changed: modules have used them.
  void add_outage(Interval outage);
  [[nodiscard]] const std::vector<Interval>& outages() const { return outages_; }

 private:
  MainsSettings settings_;
  std::vector<Interval> outages_;
};

}  // namespace rbamp::simulator
