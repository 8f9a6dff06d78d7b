#include "mqtt/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>

namespace rbamp::mqtt {
namespace {

constexpr double largest_shown = 1e9;

/// An integer as a decimal with `places` digits after the point.
std::string scaled_text(std::int64_t value, std::size_t places) {
  // Negated in unsigned arithmetic: the smallest int64 has no positive counterpart.
  const bool is_negative = value < 0;
  std::string digits = std::to_string(is_negative ? 0U - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  if (is_negative) digits.insert(0, 1, '-');
  return digits;
}

}  // namespace

std::string decimal_or_null(double value, int places) {
  if (!std::isfinite(value) || std::fabs(value) > largest_shown) return "null";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, places);
  if (end.ec != std::errc{}) return "null";
  std::string text{buffer.data(), end.ptr};
  // What rounds to zero from below would print as "-0.0".
  if (text.front() == '-' && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  return text;
}

std::int64_t whole_watt_hours(MicroWattHours energy) {
  constexpr std::int64_t per_watt_hour = 1'000'000;
  const std::int64_t whole = energy.value() / per_watt_hour;
  return energy.value() % per_watt_hour < 0 ? whole - 1 : whole;
}

std::string kwh_text(std::int64_t watt_hours) { return scaled_text(watt_hours, 3); }

std::string wh_text(MicroWattHours energy) { return scaled_text(energy.value(), 6); }

}  // namespace rbamp::mqtt
