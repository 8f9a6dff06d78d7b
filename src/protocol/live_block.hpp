// Live values of one window: the read-frozen block 0x86..0xBD, reactive power, and frequency. Protocol 4.8, 4.9, 10.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "protocol/bytes.hpp"
#include "protocol/registers.hpp"
#include "protocol/variant.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

// Every optional below is absent when the variant lacks the quantity, or when the value is implausible; only the latter counts
// in `rejected`. One bad field leaves the others alone. Protocol 14.3.

// --- 0x86..0xBD in one burst: all from one window --------------------------------------------------------------------
inline constexpr reg::Address live_start = reg::u_rms;
inline constexpr std::size_t live_size = reg::live_block_size;
using LiveBytes = std::array<std::uint8_t, live_size>;

struct LiveChannel {
  std::optional<Amperes> current;  ///< RMS; 0.0 is a value: below the noise floor
  std::optional<Amperes> current_peak;
  std::optional<Watts> active_power;        ///< positive is import, signed on all tiers
  std::optional<PowerFactor> power_factor;  ///< absent (and not counted) below 1 VA, where the module may say NaN, 0 or anything
};

struct LiveBlock {
  std::optional<Volts> voltage;  ///< RMS; 0.0 is a value: the mains is out
  std::optional<Volts> voltage_peak;
  std::array<LiveChannel, max_channels> channels;
  unsigned rejected = 0;
};
[[nodiscard]] LiveBlock decode_live(Burst<live_size> burst, Variant variant);

// --- 0xD0..0xDB: live, but outside the read-freeze, so up to one window newer ------------------------------------------
inline constexpr reg::Address reactive_start = reg::q0_reac;
inline constexpr std::size_t reactive_size = 12;
using ReactiveBytes = std::array<std::uint8_t, reactive_size>;

struct ReactiveBlock {
  std::array<std::optional<Vars>, max_channels> power;  ///< positive is inductive
  unsigned rejected = 0;
};
[[nodiscard]] ReactiveBlock decode_reactive(Burst<reactive_size> burst, Variant variant);

// --- 0x20..0x22 -----------------------------------------------------------------------------------------------------
inline constexpr reg::Address frequency_start = reg::ac_freq;
inline constexpr std::size_t frequency_size = 3;
using FrequencyBytes = std::array<std::uint8_t, frequency_size>;

struct FrequencyReading {
  std::optional<Hertz> frequency;  ///< absent: no zero crossing seen (normal without mains), or implausible
  unsigned rejected = 0;
};
/// AC_FREQ counts whole hertz; AC_PERIOD gives hundredths when it tells the same story (within 1 Hz), else it is not used.
[[nodiscard]] FrequencyReading decode_frequency(Burst<frequency_size> burst);

}  // namespace rbamp::protocol
