// The configuration block 0x20..0x31 in one burst: what a module is set to, and the line frequency. Protocol 4.3 to 4.5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "protocol/bytes.hpp"
#include "protocol/digest.hpp"
#include "protocol/flags.hpp"
#include "protocol/live_block.hpp"
#include "protocol/registers.hpp"
#include "protocol/sensor.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

inline constexpr reg::Address settings_start = reg::ac_freq;
inline constexpr std::size_t settings_size = 18;
static_assert(settings_start + settings_size == reg::addr_commit_magic + 1);
using SettingsBytes = std::array<std::uint8_t, settings_size>;

struct Settings {
  FrequencyReading frequency;
  std::uint8_t topology = 0;  ///< number of current channels; HW_VARIANT is the one to trust (D34)
  SensorClass sensor_class = SensorClass::unset;
  FleetConfig fleet;       ///< as set; in force since the last reset only if it was saved before
  std::uint8_t group = 0;  ///< 0: hears only broadcasts to all
  DigestMask digest;
  Events events;
  Events event_mask;
  std::optional<Amperes> threshold_current;  ///< absent: off
  std::optional<Watts> threshold_power;      ///< absent: off
  I2cAddress address;                        ///< active, or the staged candidate until a reset
};
[[nodiscard]] Settings decode_settings(Burst<settings_size> burst);

}  // namespace rbamp::protocol
