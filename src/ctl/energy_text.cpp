#include "ctl/energy_text.hpp"

#include <cstdint>

#include "config/suggestion.hpp"

namespace rbamp::ctl {
namespace {

constexpr std::size_t wh_decimals = 6;
constexpr std::size_t kwh_decimals = 9;
constexpr std::int64_t most_before_a_digit = (INT64_MAX - 9) / 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

/// The number whose last `decimals` digits stand behind the point.
std::string with_point(std::uint64_t value, std::size_t decimals) {
  std::string digits = std::to_string(value);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, 1, '.');
  return digits;
}

std::string without_trailing_zeros(std::string text) {
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string exact(MicroWattHours energy, std::size_t decimals) {
  const std::string text = without_trailing_zeros(with_point(magnitude(energy.value()), decimals));
  return energy.value() < 0 ? "-" + text : text;
}

tl::unexpected<Error> refusal(std::string_view text, const std::string& why) {
  return failure(Errc::request_invalid, Remedy::give_up, config::in_quotes(text) + " is no energy: " + why);
}

Result<MicroWattHours> parse(std::string_view text, std::size_t decimals) {
  std::string_view rest = text;
  const bool is_negative = rest.starts_with('-');
  if (is_negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (text.find(',') != std::string_view::npos) return refusal(text, "write the decimals behind a point, as in 1234.5");
  std::int64_t value = 0;
  std::size_t digits = 0;
  std::size_t behind_point = 0;
  bool has_point = false;
  for (const char c : rest) {
    if (c == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (!is_digit(c)) return refusal(text, "write a number such as 1234.5, without a unit");
    if (has_point && ++behind_point > decimals)
      return refusal(text, "there are at most " + std::to_string(decimals) + " decimals");
    if (value > most_before_a_digit) return refusal(text, "it is too great");
    value = value * 10 + (c - '0');
    ++digits;
  }
  if (digits == 0) return refusal(text, "write a number such as 1234.5");
  for (; behind_point < decimals; ++behind_point) {
    if (value > most_before_a_digit) return refusal(text, "it is too great");
    value *= 10;
  }
  return MicroWattHours{is_negative ? -value : value};
}

}  // namespace

std::string to_string(EnergyUnit unit) { return unit == EnergyUnit::wh ? "Wh" : "kWh"; }

std::string rounded(MicroWattHours energy, EnergyUnit unit) {
  const std::uint64_t step = unit == EnergyUnit::wh ? 1'000 : 1'000'000;  // of the last decimal
  const std::uint64_t steps = (magnitude(energy.value()) + step / 2) / step;
  const std::string text = with_point(steps, 3);
  return energy.value() < 0 && steps > 0 ? "-" + text : text;
}

std::string to_exact_wh(MicroWattHours energy) { return exact(energy, wh_decimals); }
std::string to_exact_kwh(MicroWattHours energy) { return exact(energy, kwh_decimals); }

Result<MicroWattHours> parse_wh(std::string_view text) { return parse(text, wh_decimals); }
Result<MicroWattHours> parse_kwh(std::string_view text) { return parse(text, kwh_decimals); }

}  // namespace rbamp::ctl
