#include "mqtt/retirement.hpp"

#include <nlohmann/json.hpp>

#include "mqtt/json_text.hpp"

namespace rbamp::mqtt {
namespace {

using nlohmann::json;
constexpr int text_version = 1;

std::int64_t seconds_of(UtcTime when) {
  return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

}  // namespace

Retirement Retirement::from_text(const std::string& text) {
  Retirement memory;
  const json root = parse_json(text);
  if (!root.is_object()) return memory;
  const auto version = root.find("version");
  if (version == root.end() || *version != text_version) return memory;
  const auto devices = root.find("devices");
  if (devices == root.end() || !devices->is_object()) return memory;
  for (const auto& [object_id, components] : devices->items()) {
    if (!components.is_object()) continue;
    for (const auto& [key, component] : components.items()) {
      if (!component.is_object()) continue;
      const auto platform = component.find("platform");
      if (platform == component.end() || !platform->is_string()) continue;
      Known known{platform->get<std::string>(), false, std::nullopt};
      const auto gone = component.find("gone");
      if (gone != component.end()) {
        known.is_gone = true;
        if (gone->is_number_integer()) known.gone_since = UtcTime{std::chrono::seconds{gone->get<std::int64_t>()}};
      }
      memory.devices_[object_id].emplace(key, std::move(known));
    }
  }
  return memory;
}

std::string Retirement::to_text() const {
  json devices = json::object();
  for (const auto& [object_id, components] : devices_) {
    json& device = devices[object_id] = json::object();
    for (const auto& [key, known] : components) {
      json component{{"platform", known.platform}};
      if (known.is_gone) component["gone"] = known.gone_since ? json(seconds_of(*known.gone_since)) : json(nullptr);
      device[key] = std::move(component);
    }
  }
  return to_line({{"version", text_version}, {"devices", std::move(devices)}});
}

Stubs Retirement::update(const DeviceDocument& document, std::optional<UtcTime> now) {
  Components& components = devices_[document.object_id];
  const Components before = components;
  for (const auto& [key, component] : document.components)
    components.insert_or_assign(key, Known{component.platform, false, std::nullopt});

  Stubs stubs;
  for (auto it = components.begin(); it != components.end();) {
    Known& known = it->second;
    if (!document.components.contains(it->first)) {
      known.is_gone = true;
      if (!known.gone_since) known.gone_since = now;
      if (now && known.gone_since && *now - *known.gone_since > lifetime) {
        it = components.erase(it);
        continue;
      }
      stubs.emplace(it->first, known.platform);
    }
    ++it;
  }
  if (components != before) has_changed_ = true;
  return stubs;
}

void Retirement::learn(const std::string& object_id, const std::map<std::string, Component>& on_broker) {
  Components& components = devices_[object_id];
  for (const auto& [key, component] : on_broker) {
    // A stub there is one that we retired ourselves; taking it up again would keep it alive for ever.
    if (component.unique_id.empty() || components.contains(key)) continue;
    components.emplace(key, Known{component.platform, false, std::nullopt});
    has_changed_ = true;
  }
}

}  // namespace rbamp::mqtt
