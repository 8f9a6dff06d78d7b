// Numbers in the words of findings.
#pragma once

#include <array>
#include <charconv>
#include <string>

namespace rbamp::commissioning {

/// "12.35": rounded to so many decimals.
[[nodiscard]] inline std::string decimal(double value, int decimals) {
  std::array<char, 64> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, decimals);
  return error == std::errc{} ? std::string{text.begin(), end} : std::string{"?"};
}

}  // namespace rbamp::commissioning
