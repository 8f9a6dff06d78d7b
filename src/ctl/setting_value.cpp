#include "ctl/setting_value.hpp"

#include <charconv>

namespace rbamp::ctl {
namespace {

tl::unexpected<Error> refused(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::vector<std::string> setting_names() { return {"label", "ct", "class", "address", "group", "broadcast", "threshold"}; }

std::vector<std::string> ct_names() {
  std::vector<std::string> names;
  for (const auto& model : protocol::sct_013_models()) {
    if (model.is_characterised) names.emplace_back(model.name);
  }
  return names;
}

Result<std::uint8_t> parse_ct(const std::string& text) {
  if (const auto* model = protocol::find_ct_model(std::string_view{text})) return model->code;
  return refused("\"" + text + "\" is no current transformer that a module knows: " + joined(ct_names()) +
                 ", or by rating, such as 30A");
}

Result<protocol::SensorClass> parse_sensor_class(const std::string& text) {
  if (text == "sct-013" || text == "SCT-013") return protocol::SensorClass::sct_013;
  if (text == "unset") return protocol::SensorClass::unset;
  return refused("\"" + text + "\" is no sensor class: sct-013 or unset");
}

Result<std::uint8_t> parse_group(const std::string& text) {
  if (const auto value = number_in<unsigned>(text); value && *value <= 0xFFU) return static_cast<std::uint8_t>(*value);
  return refused("\"" + text + "\" is no broadcast group: 0 to 255, where 0 hears only what is for all");
}

Result<bool> parse_switch(const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return refused("\"" + text + "\" is neither on nor off");
}

Result<std::vector<std::size_t>> parse_channels(const std::string& text, protocol::Variant variant) {
  const std::size_t count = channel_count(variant);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(i);
  if (text == "all" || (text.empty() && count == 1)) return all;
  const std::string possible = count == 1 ? "0" : "0 to " + std::to_string(count - 1) + ", or all";
  if (text.empty())
    return refused("variant " + std::string{to_string(variant)} + " has several channels: say which with --channel " + possible);
  if (const auto value = number_in<std::size_t>(text); value && *value < count) return std::vector{*value};
  return refused("variant " + std::string{to_string(variant)} + " has no channel " + text + ": --channel " + possible);
}

Result<ThresholdWish> parse_threshold(const std::string& text) {
  ThresholdWish wish;
  if (text == "off" || text == "off-A") wish.current.emplace(std::nullopt);
  if (text == "off" || text == "off-W") wish.power.emplace(std::nullopt);
  if (wish.current || wish.power) return wish;
  const auto value = text.empty() ? std::nullopt : number_in<double>(std::string_view{text}.substr(0, text.size() - 1));
  if (value && text.back() == 'A') {
    wish.current.emplace(Amperes{*value});
    return wish;
  }
  if (value && text.back() == 'W') {
    wish.power.emplace(Watts{*value});
    return wish;
  }
  return refused("\"" + text + "\" is no threshold: write 16A, 3600W, off, off-A or off-W");
}

}  // namespace rbamp::ctl
