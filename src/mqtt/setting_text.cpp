#include "mqtt/setting_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "mqtt/number_text.hpp"

namespace rbamp::mqtt {
namespace {

constexpr std::size_t longest_number = 20;

tl::unexpected<Error> refused(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

std::optional<double> number_in(std::string_view text) {
  // Digits and one point: no sign, no exponent, no "inf", which from_chars would take.
  if (text.empty() || text.size() > longest_number || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What a register can hold: whole steps up to `greatest`.
struct Range {
  double greatest;
  double steps_per_unit;
  int places;
  const char* unit;
};
constexpr Range of_current{greatest_over_current, 100.0, 2, "A"};
constexpr Range of_power{greatest_over_power, 1.0, 0, "W"};

/// None: off.
Result<std::optional<double>> threshold_in(std::string_view text, const Range& range) {
  const auto value = number_in(text);
  if (!value || *value > range.greatest) {
    return refused(std::string{"the payload is not a number from 0 (off) to "} + decimal_or_null(range.greatest, range.places) +
                   " " + range.unit);
  }
  const double steps = std::round(*value * range.steps_per_unit);
  if (steps > 0.0) return steps / range.steps_per_unit;
  if (*value > 0.0) {
    // The register would hold an active threshold of nothing, or none at all: neither is what was asked for.
    return refused(std::string{"the payload is less than the smallest threshold, "} +
                   decimal_or_null(1.0 / range.steps_per_unit, range.places) + " " + range.unit + "; 0 is off");
  }
  return std::nullopt;
}

}  // namespace

std::string ct_setting(ChannelIndex input) { return "ct" + std::to_string(input.value()); }

Result<metering::SettingOrder> parse_setting(const metering::ModuleDescription& module, std::string_view name,
                                             std::string_view text) {
  metering::SettingOrder order;
  order.module_id = module.id;
  if (name == over_current) {
    const auto value = threshold_in(text, of_current);
    if (!value) return failure(value.error());
    order.wish = metering::CurrentThreshold{*value ? std::optional{Amperes{**value}} : std::nullopt};
    return order;
  }
  if (name == over_power && module.has_voltage) {
    const auto value = threshold_in(text, of_power);
    if (!value) return failure(value.error());
    order.wish = metering::PowerThreshold{*value ? std::optional{Watts{**value}} : std::nullopt};
    return order;
  }
  for (const auto& channel : module.channels) {
    if (name != ct_setting(channel.index)) continue;
    const auto& choice = module.ct_models;
    if (choice.empty()) return refused("the current transformers of this module are built in, or it has not been set up yet");
    if (std::find(choice.begin(), choice.end(), text) == choice.end())
      return refused("the payload is none of the current transformers that this module knows");
    order.wish = metering::CtModel{channel.index, std::string{text}};
    return order;
  }
  return refused("this module has no such setting");
}

}  // namespace rbamp::mqtt
