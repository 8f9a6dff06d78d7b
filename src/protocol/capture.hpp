// Raw capture: 256 ADC codes of current channel 0, about 1.3 mains periods, fetched in 8 pages. Protocol 4.2, TV17.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/bytes.hpp"
#include "protocol/register_write.hpp"

namespace rbamp::protocol {

inline constexpr std::uint8_t capture_pages = 8;
inline constexpr std::size_t capture_page_samples = 32;
inline constexpr std::size_t capture_samples = capture_pages * capture_page_samples;
inline constexpr double capture_sample_rate_hz = 5000.0;
inline constexpr std::uint16_t capture_centre = 2048;  ///< code of no current, roughly
static_assert(2 * capture_page_samples == reg::capture_window_size);

using CapturePage = std::array<std::uint16_t, capture_page_samples>;

/// Selects a page; the window is read next, as 64 bytes starting exactly at 0x1A.
[[nodiscard]] constexpr RegisterWrite capture_page_write(std::uint8_t page) { return {reg::capture_page, page}; }

[[nodiscard]] constexpr CapturePage decode_capture_page(Burst<reg::capture_window_size> burst) {
  CapturePage page{};
  for (std::size_t i = 0; i < page.size(); ++i) page[i] = load_u16(burst, 2 * i);
  return page;
}

}  // namespace rbamp::protocol
