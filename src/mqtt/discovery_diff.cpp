#include "mqtt/discovery_diff.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "mqtt/device_document.hpp"
#include "mqtt/json_text.hpp"

namespace rbamp::mqtt {
namespace {

using nlohmann::json;
using Kind = DiscoveryChange::Kind;

/// The keys in which two objects differ, as "key: old -> new", joined by "; ".
std::string differences(const json& before, const json& after) {
  std::string text;
  const auto add = [&text](const std::string& key, const std::string& old_value, const std::string& new_value) {
    if (!text.empty()) text += "; ";
    text += key + ": " + old_value + " -> " + new_value;
  };
  for (const auto& [key, value] : before.items()) {
    const auto other = after.find(key);
    if (other == after.end()) {
      add(key, to_line(value), "none");
    } else if (*other != value) {
      add(key, to_line(value), to_line(*other));
    }
  }
  for (const auto& [key, value] : after.items()) {
    if (!before.contains(key)) add(key, "none", to_line(value));
  }
  return text;
}

/// What Home Assistant shows of the device and hands to every component; the components themselves are compared one by one.
json without_components(const std::string& payload) {
  json message = parse_json(payload);
  if (!message.is_object()) return {};
  message.erase("components");
  message.erase("origin");  // shown in logs only
  if (const json device = message.value("device", json::object()); device.is_object()) {
    message.erase("device");
    for (const auto& [key, value] : device.items()) message["device." + key] = value;
  }
  return message;
}

void compare_components(const std::string& object_id, const std::map<std::string, Component>& before,
                        const std::map<std::string, Component>& after, std::vector<DiscoveryChange>& changes) {
  const auto is_entity = [](const Component& component) { return !component.unique_id.empty(); };  // else it is a stub
  for (const auto& [key, old_component] : before) {
    if (!is_entity(old_component)) continue;
    const auto found = after.find(key);
    if (found == after.end() || !is_entity(found->second)) {
      changes.push_back({Kind::entity_removed, object_id, key, old_component.unique_id});
    } else if (found->second.platform != old_component.platform || found->second.unique_id != old_component.unique_id) {
      changes.push_back({Kind::entity_replaced, object_id, key, old_component.unique_id + " -> " + found->second.unique_id});
    } else if (found->second.json != old_component.json) {
      changes.push_back(
          {Kind::entity_changed, object_id, key, differences(parse_json(old_component.json), parse_json(found->second.json))});
    }
  }
  for (const auto& [key, component] : after) {
    if (!is_entity(component)) continue;
    const auto found = before.find(key);
    if (found == before.end() || !is_entity(found->second)) {
      changes.push_back({Kind::entity_added, object_id, key, component.unique_id});
    }
  }
}

DiscoverySet readable(const DiscoverySet& set) {
  DiscoverySet kept;
  for (const auto& [object_id, payload] : set) {
    if (parse_json(payload).is_object()) kept.emplace(object_id, payload);
  }
  return kept;
}

}  // namespace

DiscoverySet discovery_set(const Topics& topics, const Origin& origin, const std::vector<metering::ModuleDescription>& modules) {
  const DeviceDocument bridge = describe_daemon(topics, origin);
  DiscoverySet set{{bridge.object_id, to_payload(bridge)}};
  for (const auto& module : modules) {
    const DeviceDocument document = describe_module(topics, origin, module);
    set.insert_or_assign(document.object_id, to_payload(document));
  }
  return set;
}

std::vector<DiscoveryChange> compare(const DiscoverySet& before_all, const DiscoverySet& after_all) {
  const DiscoverySet before = readable(before_all);
  const DiscoverySet after = readable(after_all);
  std::set<std::string> object_ids;
  for (const auto& [object_id, payload] : before) object_ids.insert(object_id);
  for (const auto& [object_id, payload] : after) object_ids.insert(object_id);

  std::vector<DiscoveryChange> changes;
  for (const auto& object_id : object_ids) {
    const auto old_message = before.find(object_id);
    const auto new_message = after.find(object_id);
    if (new_message == after.end()) {
      changes.push_back({Kind::device_left, object_id, {}, {}});
      continue;
    }
    if (old_message == before.end()) {
      changes.push_back({Kind::device_added, object_id, {}, {}});
    } else if (auto detail = differences(without_components(old_message->second), without_components(new_message->second));
               !detail.empty()) {
      changes.push_back({Kind::device_changed, object_id, {}, std::move(detail)});
    }
    compare_components(object_id,
                       old_message == before.end() ? std::map<std::string, Component>{} : parse_components(old_message->second),
                       parse_components(new_message->second), changes);
  }
  return changes;
}

std::vector<std::string> repeated_unique_ids(const DiscoverySet& set) {
  std::map<std::string, int> uses;
  for (const auto& [object_id, payload] : set) {
    for (const auto& [key, component] : parse_components(payload)) {
      if (!component.unique_id.empty()) ++uses[component.platform + " " + component.unique_id];
    }
  }
  std::vector<std::string> repeated;
  for (const auto& [id, count] : uses) {
    if (count > 1) repeated.push_back(id);
  }
  return repeated;
}

std::string_view to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::device_added: return "device_added";
    case Kind::device_left: return "device_left";
    case Kind::device_changed: return "device_changed";
    case Kind::entity_added: return "entity_added";
    case Kind::entity_removed: return "entity_removed";
    case Kind::entity_changed: return "entity_changed";
    case Kind::entity_replaced: return "entity_replaced";
  }
  return "unknown";
}

bool is_loss(const DiscoveryChange& change) noexcept {
  return change.kind == Kind::device_left || change.kind == Kind::entity_removed || change.kind == Kind::entity_replaced;
}

std::string to_string(const DiscoveryChange& change) {
  std::string what = change.component.empty() ? change.object_id : change.object_id + "/" + change.component;
  const std::string detail = change.detail.empty() ? "" : " (" + change.detail + ")";
  switch (change.kind) {
    case Kind::device_added: return "+ " + what + ": new device";
    case Kind::device_left: return "! " + what + ": device is no longer described, its entities become unavailable";
    case Kind::device_changed: return "~ " + what + ": device is updated" + detail;
    case Kind::entity_added: return "+ " + what + ": new entity" + detail;
    case Kind::entity_removed: return "- " + what + ": entity is removed" + detail;
    case Kind::entity_changed: return "~ " + what + ": entity is updated, history goes on" + detail;
    case Kind::entity_replaced: return "! " + what + ": entity is replaced, history is split" + detail;
  }
  return what;
}

}  // namespace rbamp::mqtt
