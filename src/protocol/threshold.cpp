#include "protocol/threshold.hpp"

#include <cmath>
#include <string>

namespace rbamp::protocol {
namespace {

constexpr double amperes_per_step = 0.01;
constexpr double largest = threshold_off - 1;

Result<std::uint16_t> encode_steps(double steps, const char* range) {
  const double rounded = std::round(steps);
  if (rounded >= 0.0 && rounded <= largest) return static_cast<std::uint16_t>(rounded);
  return failure(Errc::config_invalid, Remedy::give_up, std::string{"a threshold must lie between "} + range);
}

}  // namespace

Result<std::uint16_t> encode_current_threshold(std::optional<Amperes> threshold) {
  if (!threshold) return threshold_off;
  return encode_steps(threshold->value() / amperes_per_step, "0 and 655.34 A");
}

Result<std::uint16_t> encode_power_threshold(std::optional<Watts> threshold) {
  if (!threshold) return threshold_off;
  return encode_steps(threshold->value(), "0 and 65534 W");
}

std::optional<Amperes> decode_current_threshold(std::uint16_t raw) {
  if (raw == threshold_off) return std::nullopt;
  return Amperes{raw * amperes_per_step};
}

std::optional<Watts> decode_power_threshold(std::uint16_t raw) {
  if (raw == threshold_off) return std::nullopt;
  return Watts{static_cast<double>(raw)};
}

}  // namespace rbamp::protocol
