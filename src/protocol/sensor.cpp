#include "protocol/sensor.hpp"

#include <algorithm>
#include <string>

namespace rbamp::protocol {
namespace {

constexpr std::array models{
    CtModel{1, "SCT-013-005", Amperes{5.0}, true},    CtModel{2, "SCT-013-010", Amperes{10.0}, true},
    CtModel{3, "SCT-013-030", Amperes{30.0}, true},   CtModel{4, "SCT-013-050", Amperes{50.0}, true},
    CtModel{5, "SCT-013-100", Amperes{100.0}, false}, CtModel{6, "SCT-013-020", Amperes{20.0}, true},
    CtModel{7, "SCT-013-060", Amperes{60.0}, false},
};

constexpr std::size_t rating_digits = 3;  // of "SCT-013-030"

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return upper(x) == upper(y); });
}

/// "30A", "30 A", "30a" to 30; nullopt for anything else.
std::optional<unsigned> amperes_of(std::string_view text) {
  if (text.empty() || upper(text.back()) != 'A') return std::nullopt;
  text.remove_suffix(1);
  if (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty() || text.size() > rating_digits) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::string offered() {
  std::string text;
  for (const auto& model : models) {
    if (!model.is_characterised) continue;
    if (!text.empty()) text += ", ";
    text += model.name;
  }
  return text;
}

tl::unexpected<Error> refused(std::string words) { return failure(Errc::config_invalid, Remedy::give_up, std::move(words)); }

}  // namespace

std::string_view to_string(SensorClass sensor_class) {
  switch (sensor_class) {
    case SensorClass::unset: return "unset";
    case SensorClass::sct_013: return "SCT-013";
    case SensorClass::wired_ct: return "wired CT";
    case SensorClass::builtin_ct: return "built-in CT";
  }
  return "unknown";
}

std::span<const CtModel> sct_013_models() { return models; }

const CtModel* find_ct_model(std::uint8_t code) {
  for (const auto& model : models) {
    if (model.code == code) return &model;
  }
  return nullptr;
}

const CtModel* find_ct_model(std::string_view text) {
  const auto amperes = amperes_of(text);
  for (const auto& model : models) {
    const bool is_named = same_text(text, model.name) || text == model.name.substr(model.name.size() - rating_digits);
    if (is_named || (amperes && model.rated == Amperes{static_cast<double>(*amperes)})) return &model;
  }
  return nullptr;
}

Result<void> check_ct_model(SensorClass sensor_class, std::uint8_t code, bool allow_uncharacterised) {
  constexpr std::uint8_t last_wired_model = 3;
  switch (sensor_class) {
    case SensorClass::unset: return refused("the sensor class must be set before a current transformer can be chosen");
    case SensorClass::builtin_ct: return refused("a module with built-in current transformers takes no model");
    case SensorClass::wired_ct:
      if (code >= 1 && code <= last_wired_model) return {};
      return refused("a wired current transformer has model 1, 2 or 3, not " + std::to_string(code));
    case SensorClass::sct_013: break;
  }
  const auto* model = find_ct_model(code);
  if (model == nullptr) {
    return refused("there is no SCT-013 sensor with code " + std::to_string(code) + ": " + offered() + " can be used");
  }
  if (!model->is_characterised && !allow_uncharacterised) {
    return refused(std::string{model->name} + " is not characterised by present firmware, which refuses it: " + offered() +
                   " can be used");
  }
  return {};
}

Result<std::array<RegisterWrite, 2>> bind_ct_writes(Variant variant, ChannelIndex channel, std::uint8_t code) {
  constexpr std::array commands{Command::set_ct_model_ch0, Command::set_ct_model_ch1, Command::set_ct_model_ch2};
  if (channel.value() >= channel_count(variant)) {
    return refused("a module of variant " + std::string{to_string(variant)} + " has no channel " +
                   std::to_string(channel.value()) + ": its channels are 0 to " + std::to_string(channel_count(variant) - 1));
  }
  return std::array{RegisterWrite{reg::ct_model, code}, command_write(commands.at(channel.value()))};
}

}  // namespace rbamp::protocol
