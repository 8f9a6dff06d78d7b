#include "ctl/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace rbamp::ctl {

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 64> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, decimals);
  if (error != std::errc{}) return "-";  // a number of more than sixty digits is none of ours
  std::string result{text.begin(), end};
  if (result.front() == '-' && result.find_first_not_of("-0.") == std::string::npos) result.erase(0, 1);
  return result;
}

}  // namespace rbamp::ctl
