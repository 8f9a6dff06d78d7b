// Register bytes as the specification prints them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace rbamp::test {

/// "9A 19 66 43" to four bytes. Throws when the text does not hold exactly n bytes, so that a vector cannot be cut by mistake.
template <std::size_t N>
std::array<std::uint8_t, N> hex(std::string_view text) {
  std::array<std::uint8_t, N> bytes{};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '|') continue;
    unsigned value = 0;
    if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0');
    } else if (c >= 'A' && c <= 'F') {
      value = static_cast<unsigned>(c - 'A') + 10;
    } else {
      throw std::invalid_argument{"not an upper-case hex digit"};
    }
    if (digits >= 2 * N) throw std::invalid_argument{"too many bytes"};
    auto& byte = bytes[digits / 2];
    byte = static_cast<std::uint8_t>((static_cast<unsigned>(byte) << 4U) | value);
    ++digits;
  }
  if (digits != 2 * N) throw std::invalid_argument{"too few bytes"};
  return bytes;
}

}  // namespace rbamp::test
