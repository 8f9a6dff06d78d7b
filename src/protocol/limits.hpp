// What the hardware can deliver at all: a value outside is rejected, never clamped. Protocol 14.3.
#pragma once

#include <optional>

#include "units/units.hpp"

namespace rbamp::protocol {

/// No lower bound but the sign: 0 V is a mains outage and 0 A is below the noise floor, both are values.
inline constexpr double max_voltage = 500.0;
inline constexpr double max_current = 150.0;
inline constexpr double max_power = 30'000.0;  ///< active or reactive, either sign
inline constexpr double max_power_factor = 1.5;
inline constexpr double min_frequency = 40.0;
inline constexpr double max_frequency = 70.0;
/// Peaks have no published limit: 500 V rms is 707 V peak, and switching supplies draw current with a crest factor up to 3.
inline constexpr double max_voltage_peak = 750.0;
inline constexpr double max_current_peak = 450.0;
/// Below this apparent power a power factor has no meaning (I is zero, or the mains is out).
inline constexpr double min_apparent_power = 1.0;

/// Takes register values; a NaN or infinity is outside every range. Counts what it rejects.
class Sanity {
 public:
  template <class Quantity>
  [[nodiscard]] constexpr std::optional<Quantity> within(double value, double low, double high) {
    if (value >= low && value <= high) return Quantity{value};
    ++rejected_;
    return std::nullopt;
  }
  template <class Quantity>
  [[nodiscard]] constexpr std::optional<Quantity> within(float value, double low, double high) {
    return within<Quantity>(static_cast<double>(value), low, high);
  }
  [[nodiscard]] constexpr unsigned rejected() const { return rejected_; }

 private:
  unsigned rejected_ = 0;
};

}  // namespace rbamp::protocol
