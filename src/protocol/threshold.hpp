// THRESH_I_HI 0x2C and THRESH_P_HI 0x2E: two bytes that can only be written one at a time. RAM: lost at every reset. Protocol 9.4.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "protocol/register_write.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

inline constexpr std::uint16_t threshold_off = 0xFFFF;

/// Raw value of a threshold, rounded to the register's step of 0.01 A or 1 W. Absent: off.
/// Error: config_invalid (give_up) for what the register cannot hold (0 to 655.34 A, 0 to 65534 W).
[[nodiscard]] Result<std::uint16_t> encode_current_threshold(std::optional<Amperes> threshold);
[[nodiscard]] Result<std::uint16_t> encode_power_threshold(std::optional<Watts> threshold);
[[nodiscard]] std::optional<Amperes> decode_current_threshold(std::uint16_t raw);
[[nodiscard]] std::optional<Watts> decode_power_threshold(std::uint16_t raw);

/// The two writes in the order that keeps the value in between at or above the lower of both, so that no threshold trips that
/// nobody set: high byte first when raising, low byte first when lowering. `start` is thresh_i_hi or thresh_p_hi.
[[nodiscard]] constexpr std::array<RegisterWrite, 2> threshold_writes(reg::Address start, std::uint16_t from, std::uint16_t to) {
  const RegisterWrite low{start, static_cast<std::uint8_t>(to & 0xFFU)};
  const RegisterWrite high{static_cast<reg::Address>(start + 1), static_cast<std::uint8_t>(to >> 8U)};
  if (to > from) return {high, low};
  return {low, high};
}

}  // namespace rbamp::protocol
