#include "mqtt/setting_text.hpp"

#include <algorithm>
#include <charconv>
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

Result<double> threshold_in(std::string_view text, double greatest, int places, const char* unit) {
  const auto value = number_in(text);
  if (value && *value <= greatest) return *value;
  return refused(std::string{"the payload is not a number from 0 (off) to "} + decimal_or_null(greatest, places) + " " + unit);
}

}  // namespace

std::string ct_setting(ChannelIndex input) { return "ct" + std::to_string(input.value()); }

Result<metering::SettingOrder> parse_setting(const metering::ModuleDescription& module, std::string_view name,
                                             std::string_view text) {
  metering::SettingOrder order;
  order.module_id = module.id;
  if (name == over_current) {
    const auto value = threshold_in(text, greatest_over_current, 2, "A");
    if (!value) return failure(value.error());
    order.wish = metering::CurrentThreshold{*value > 0.0 ? std::optional{Amperes{*value}} : std::nullopt};
    return order;
  }
  if (name == over_power && module.has_voltage) {
    const auto value = threshold_in(text, greatest_over_power, 0, "W");
    if (!value) return failure(value.error());
    order.wish = metering::PowerThreshold{*value > 0.0 ? std::optional{Watts{*value}} : std::nullopt};
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
