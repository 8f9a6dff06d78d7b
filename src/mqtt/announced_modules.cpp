#include "mqtt/announced_modules.hpp"

#include <nlohmann/json.hpp>

#include "mqtt/json_text.hpp"

namespace rbamp::mqtt {
namespace {

using nlohmann::json;
constexpr int text_version = 1;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool flag_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

/// nullopt: not one byte.
std::optional<std::uint8_t> byte_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > 0xFFU) return std::nullopt;
  return found->get<std::uint8_t>();
}

json json_of(const metering::ModuleDescription& module) {
  json channels = json::array();
  for (const auto& channel : module.channels)
    channels.push_back({{"index", channel.index.value()}, {"id", channel.id}, {"name", channel.name}});
  return {{"name", module.name},
          {"uid", to_string(module.uid)},
          {"variant", module.variant},
          {"hardware", module.hardware_version},
          {"firmware", module.firmware_version},
          {"has_voltage", module.has_voltage},
          {"is_estimated", module.is_estimated},
          {"has_demand", module.has_demand},
          {"bus", module.bus},
          {"address", module.address.value()},
          {"ct_models", module.ct_models},
          {"channels", std::move(channels)}};
}

std::optional<metering::ModuleDescription> module_from(const std::string& id, const json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto uid = ModuleUid::parse(text_at(object, "uid"));
  const auto address = byte_at(object, "address");
  const auto channels = object.find("channels");
  const auto models = object.find("ct_models");
  if (!uid || !address || channels == object.end() || !channels->is_array() || models == object.end() || !models->is_array())
    return std::nullopt;
  metering::ModuleDescription module;
  module.id = id;
  module.name = text_at(object, "name");
  module.uid = *uid;
  module.variant = text_at(object, "variant");
  module.hardware_version = text_at(object, "hardware");
  module.firmware_version = text_at(object, "firmware");
  module.has_voltage = flag_at(object, "has_voltage");
  module.is_estimated = flag_at(object, "is_estimated");
  module.has_demand = flag_at(object, "has_demand");
  module.bus = text_at(object, "bus");
  module.address = I2cAddress{*address};
  for (const auto& model : *models) {
    if (model.is_string()) module.ct_models.push_back(model.get<std::string>());
  }
  for (const auto& channel : *channels) {
    if (!channel.is_object()) return std::nullopt;
    const auto index = byte_at(channel, "index");
    if (!index || *index >= max_channels) return std::nullopt;
    module.channels.push_back({ChannelIndex{*index}, text_at(channel, "id"), text_at(channel, "name")});
  }
  return module;
}

}  // namespace

std::string to_text(const Announced& announced) {
  json modules = json::object();
  for (const auto& [id, module] : announced.modules) modules[id] = json_of(module);
  const json root{{"version", text_version},
                  {"base_topic", announced.base_topic},
                  {"prefix", announced.prefix},
                  {"software", announced.software_version},
                  {"modules", std::move(modules)}};
  return to_line(root);
}

std::optional<Announced> announced_from_text(const std::string& text) {
  const json root = parse_json(text);
  if (!root.is_object() || byte_at(root, "version") != text_version) return std::nullopt;
  Announced announced{text_at(root, "base_topic"), text_at(root, "prefix"), text_at(root, "software"), {}};
  const auto modules = root.find("modules");
  if (announced.base_topic.empty() || announced.prefix.empty() || modules == root.end() || !modules->is_object())
    return std::nullopt;
  for (const auto& [id, object] : modules->items()) {
    if (auto module = module_from(id, object)) announced.modules.emplace(id, std::move(*module));
  }
  return announced;
}

DiscoverySet discovery_set(const Announced& announced, const Adoptions& adoptions) {
  const Topics topics{announced.base_topic, announced.prefix};
  const Origin origin{.software_version = announced.software_version};
  const DeviceDocument bridge = describe_daemon(topics, origin);
  DiscoverySet set{{bridge.object_id, to_payload(bridge)}};
  for (const auto& [id, module] : announced.modules) {
    auto document = describe_module(topics, origin, module);
    if (const auto found = adoptions.find(id); found != adoptions.end()) document = adopted(std::move(document), found->second);
    set.insert_or_assign(document.object_id, to_payload(document));
  }
  return set;
}

}  // namespace rbamp::mqtt
