// Numbers in register bytes: little-endian, floats IEEE-754 binary32. Protocol 0.2.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rbamp::protocol {

/// A burst as it came from the bus; the extent is the burst's length, so a decoder cannot be given the wrong one.
template <std::size_t N>
using Burst = std::span<const std::uint8_t, N>;

// All functions below: `offset` must lie inside the burst (checked by the extent at the few call sites, which use constants).
[[nodiscard]] constexpr std::uint16_t load_u16(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] | (bytes[offset + 1] << 8U));
}

[[nodiscard]] constexpr std::uint32_t load_u32(std::span<const std::uint8_t> bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(load_u16(bytes, offset)) | (static_cast<std::uint32_t>(load_u16(bytes, offset + 2)) << 16U);
}

[[nodiscard]] constexpr float load_f32(std::span<const std::uint8_t> bytes, std::size_t offset) {
  static_assert(sizeof(float) == 4);
  return std::bit_cast<float>(load_u32(bytes, offset));
}

constexpr void store_u16(std::span<std::uint8_t> bytes, std::size_t offset, std::uint16_t value) {
  bytes[offset] = static_cast<std::uint8_t>(value & 0xFFU);
  bytes[offset + 1] = static_cast<std::uint8_t>(value >> 8U);
}

constexpr void store_u32(std::span<std::uint8_t> bytes, std::size_t offset, std::uint32_t value) {
  store_u16(bytes, offset, static_cast<std::uint16_t>(value & 0xFFFFU));
  store_u16(bytes, offset + 2, static_cast<std::uint16_t>(value >> 16U));
}

constexpr void store_f32(std::span<std::uint8_t> bytes, std::size_t offset, float value) {
  store_u32(bytes, offset, std::bit_cast<std::uint32_t>(value));
}

}  // namespace rbamp::protocol
