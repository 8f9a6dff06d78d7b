#include "commissioning/threshold_setting.hpp"

#include "commissioning/decimal.hpp"
#include "commissioning/ram_settings.hpp"

namespace rbamp::commissioning {

namespace {

std::string current_text(std::uint16_t raw) {
  const auto value = protocol::decode_current_threshold(raw);
  return value ? decimal(value->value(), 2) + " A" : "off";
}

std::string power_text(std::uint16_t raw) {
  const auto value = protocol::decode_power_threshold(raw);
  return value ? decimal(value->value(), 0) + " W" : "off";
}

/// The module's registers as they would be.
Result<RamSettings> wanted(const ModuleLink& module, const Thresholds& wish, const RamSettings& now) {
  RamSettings then = now;
  if (wish.current) {
    const auto raw = protocol::encode_current_threshold(*wish.current);
    if (!raw) return failure(as_request(raw.error()));
    then.threshold_current = *raw;
  }
  if (wish.power) {
    if (*wish.power && !has_voltage(module.variant())) {
      return failure(Errc::request_invalid, Remedy::give_up,
                     module.name() + " is of variant " + std::string{to_string(module.variant())} +
                         " without a voltage input: it measures no power. Set a current such as 16A");
    }
    const auto raw = protocol::encode_power_threshold(*wish.power);
    if (!raw) return failure(as_request(raw.error()));
    then.threshold_power = *raw;
  }
  return then;
}

}  // namespace

Result<std::vector<SettingChange>> plan_thresholds(const ModuleLink& module, const Thresholds& wish) {
  const auto now = RamSettings::read(module);
  if (!now) return failure(now.error());
  const auto then = wanted(module, wish, *now);
  if (!then) return failure(then.error());
  std::vector<SettingChange> changes;
  if (now->threshold_current != then->threshold_current)
    changes.push_back({"current threshold", current_text(now->threshold_current), current_text(then->threshold_current)});
  if (now->threshold_power != then->threshold_power)
    changes.push_back({"power threshold", power_text(now->threshold_power), power_text(then->threshold_power)});
  return changes;
}

Result<void> set_thresholds(const ModuleLink& module, const Thresholds& wish) {
  const auto now = RamSettings::read(module);
  if (!now) return failure(now.error());
  const auto then = wanted(module, wish, *now);
  if (!then) return failure(then.error());
  return then->restore(module);
}

}  // namespace rbamp::commissioning
