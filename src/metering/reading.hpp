// Live values of one module: one measurement window. A quantity that the hardware lacks or that is not plausible is absent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

struct ChannelReading {
  ChannelIndex index;
  std::string id;
  std::optional<Amperes> current;              ///< RMS; 0.0 means below the noise floor and is a value
  std::optional<Watts> active_power;           ///< positive is import, after `invert`
  std::optional<Vars> reactive_power;          ///< positive is inductive
  std::optional<PowerFactor> power_factor;     ///< absent at no current
  std::optional<double> ruler_ratio{};         ///< live sum over the module's average in the last whole hour; absent: not known
  std::optional<double> period_ruler_ratio{};  ///< the same of the last period that was watched without a hole
};

struct Reading {
  std::string module_id;
  BootTime at{};
  UtcTime utc{};
  std::optional<Volts> voltage;
  std::optional<Hertz> frequency;
  std::vector<ChannelReading> channels;
};

}  // namespace rbamp::metering
