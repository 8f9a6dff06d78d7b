#include "mqtt/device_document.hpp"

#include <nlohmann/json.hpp>

#include "mqtt/json_text.hpp"

namespace rbamp::mqtt {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

std::string to_payload(const DeviceDocument& document, const Stubs& stubs) {
  json components = json::object();
  for (const auto& [key, platform] : stubs) components[key] = json{{"platform", platform}};
  for (const auto& [key, component] : document.components) components[key] = parse_json(component.json);
  json message = parse_json(document.head);
  message["components"] = std::move(components);
  return to_line(message);
}

std::map<std::string, Component> parse_components(const std::string& payload) {
  std::map<std::string, Component> found;
  const json message = parse_json(payload);
  if (!message.is_object()) return found;
  const auto components = message.find("components");
  if (components == message.end() || !components->is_object()) return found;
  for (const auto& [key, component] : components->items()) {
    if (!component.is_object()) continue;
    std::string platform = text_at(component, "platform");
    if (platform.empty()) continue;
    found.emplace(key, Component{std::move(platform), text_at(component, "unique_id"), to_line(component)});
  }
  return found;
}

}  // namespace rbamp::mqtt
