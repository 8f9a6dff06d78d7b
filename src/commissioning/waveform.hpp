// One and a third periods of the current on channel 0, sample by sample. Protocol 4.2, TV17.
#pragma once

#include <array>

#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "protocol/capture.hpp"

namespace rbamp::commissioning {

struct Waveform {
  std::array<std::uint16_t, protocol::capture_samples> codes{};  ///< of the ADC, 0 to 4095; about 2048 is no current
  double centre = 0.0;                                           ///< mean of the codes
  std::uint16_t lowest = 0;
  std::uint16_t highest = 0;
  unsigned clipped = 0;  ///< samples at either end of the converter: the transformer is too small, or the input is damaged
};

/// Sends CAPTURE_RAW, waits 80 ms, fetches eight pages: writes two registers, neither of which is kept. Measuring goes on.
/// Blocks for about 0.2 s. Errors: rejected; not_ready when the module has no capture after 0.5 s; bus_*.
[[nodiscard]] Result<Waveform> capture(const ModuleLink& module);

/// The figures of a wave form that is there already.
[[nodiscard]] Waveform waveform_of(const std::array<std::uint16_t, protocol::capture_samples>& codes);

}  // namespace rbamp::commissioning
