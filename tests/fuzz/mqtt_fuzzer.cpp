// Any message of a broker: a command is carried out only when it is one, fresh, and within its limits; nothing of it gets into words.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "mqtt/adoption.hpp"
#include "mqtt/incoming.hpp"
#include "mqtt/setting_text.hpp"
#include "must.hpp"

namespace {

rbamp::metering::ModuleDescription three_channels() {
  rbamp::metering::ModuleDescription module;
  module.id = "flats";
  module.variant = "UI3";
  module.has_voltage = true;
  module.ct_models = {"SCT-013-010", "SCT-013-030"};
  for (std::uint8_t i = 0; i < 3; ++i)
    module.channels.push_back({rbamp::ChannelIndex{i}, "ch" + std::to_string(i), "Flat " + std::to_string(i)});
  return module;
}

}  // namespace

/// First byte: retained or not. Up to the first line end: the topic below "rbamp/", or a whole one that begins with '/'. Rest: the payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rbamp::mqtt;
  using rbamp::fuzz::must;
  if (size == 0) return 0;
  static const Topics topics{"rbamp", "homeassistant"};
  static const auto module = three_channels();
  const std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto end = text.find('\n');
  const auto first = text.substr(0, end);
  Message message;
  message.topic = first.starts_with('/') ? first.substr(1) : "rbamp/" + first;
  message.payload = end == std::string::npos ? std::string{} : text.substr(end + 1);
  message.is_retained = (data[0] & 1U) != 0;

  const auto incoming = classify(topics, message);
  if (std::holds_alternative<LatchPressed>(incoming) || std::holds_alternative<RestartPressed>(incoming))
    must(!message.is_retained && message.payload == "PRESS");
  if (const auto* refused = std::get_if<CommandRefused>(&incoming)) must(!refused->words.empty());
  if (const auto* wanted = std::get_if<SettingWanted>(&incoming)) {
    must(!message.is_retained || !wanted->objection.empty());
    const auto order = parse_setting(module, wanted->setting, wanted->text);
    if (!order) must(!order.error().detail.empty());
  }
  if (const auto entity = parse_foreign("homeassistant", message.topic, message.payload))
    must(!entity->unique_id.empty() && !entity->node_id.empty());
  const auto adoptions = adoptions_from_text(message.payload);
  must(adoptions_from_text(to_text(adoptions)) == adoptions);
  return 0;
}
