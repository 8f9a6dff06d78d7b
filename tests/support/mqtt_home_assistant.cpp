#include "support/mqtt_home_assistant.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace rbamp::support {
namespace {

using nlohmann::json;

const std::set<std::string> device_keys{"configuration_url", "connections",    "hw_version", "identifiers",
                                        "manufacturer",      "model",          "model_id",   "name",
                                        "serial_number",     "suggested_area", "sw_version", "via_device"};
const std::set<std::string> origin_keys{"name", "support_url", "sw_version"};
const std::set<std::string> root_keys{"availability", "availability_mode", "components", "device", "origin", "state_topic"};
const std::map<std::string, std::set<std::string>> units{{"voltage", {"V"}},          {"current", {"A"}},    {"power", {"W"}},
                                                         {"reactive_power", {"var"}}, {"frequency", {"Hz"}}, {"energy", {"kWh"}},
                                                         {"power_factor", {""}},      {"timestamp", {""}}};

[[noreturn]] void drop(const std::string& object_id, const std::string& why) {
  throw std::runtime_error("discovery of " + object_id + " is dropped: " + why);
}

std::string text(const json& object, const char* key, std::string fallback = {}) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::move(fallback);
}

std::string rendered(const json& value) {
  if (value.is_null()) return "None";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  return value.dump();
}

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

std::string_view take_until(std::string_view& rest, std::string_view end) {
  const auto at = rest.find(end);
  if (at == std::string_view::npos) throw std::runtime_error("template not understood");
  const auto part = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return part;
}

/// nullopt: the value is kept.
std::optional<std::string> evaluate(const std::string& value_template, const std::string& payload,
                                    std::vector<std::string>& complaints) {
  if (value_template.empty()) return payload;
  const json values = json::parse(payload, nullptr, false);
  if (!values.is_object()) {
    complaints.push_back("not a JSON object: " + payload);
    return std::nullopt;
  }
  std::string_view rest = value_template;
  if (!take(rest, "{{ ")) throw std::runtime_error("template not understood: " + value_template);
  if (take(rest, "'")) {  // {{ 'ON' if value_json.key else 'OFF' }}
    const std::string yes{take_until(rest, "' if value_json.")};
    const std::string key{take_until(rest, " else '")};
    const std::string no{take_until(rest, "' }}")};
    return values.value(key, false) ? yes : no;
  }
  if (!take(rest, "value_json.")) throw std::runtime_error("template not understood: " + value_template);
  const auto end = rest.find(' ');
  const std::string key{rest.substr(0, end)};
  const std::string_view filter = rest.substr(end);
  const bool has_default = filter == " | default('None') }}";
  if (!has_default && filter != " }}") throw std::runtime_error("template not understood: " + value_template);
  if (!values.contains(key)) {
    if (has_default) return "None";
    complaints.push_back("no key " + key + " in " + payload);
    return std::nullopt;
  }
  return rendered(values.at(key));
}

bool is_number(const std::string& value) {
  const json number = json::parse(value, nullptr, false);
  return number.is_number() && value.find_first_of("eE") == std::string::npos;
}

}  // namespace

bool topic_matches(std::string_view filter, std::string_view topic) {
  while (true) {
    if (filter == "#") return true;
    const auto filter_end = filter.find('/');
    const auto topic_end = topic.find('/');
    const auto level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    if (filter_end == std::string_view::npos || topic_end == std::string_view::npos) return filter_end == topic_end;
    filter.remove_prefix(filter_end + 1);
    topic.remove_prefix(topic_end + 1);
  }
}

void HomeAssistant::receive(const std::string& topic, const std::string& payload) {
  constexpr std::string_view front = "homeassistant/device/";
  constexpr std::string_view back = "/config";
  if (topic.starts_with(front) && topic.ends_with(back)) {
    discover(topic.substr(front.size(), topic.size() - front.size() - back.size()), payload);
    return;
  }
  topics_[topic] = payload;
  for (auto& [key, component] : components_) {
    if (component.state_topic == topic && !payload.empty()) update(component, payload);
  }
}

void HomeAssistant::discover(const std::string& object_id, const std::string& payload) {
  ++discovery_messages_;
  if (payload.empty()) {
    std::erase_if(components_, [&object_id](const auto& entry) { return entry.first.first == object_id; });
    return;
  }
  const json message = json::parse(payload, nullptr, false);
  if (!message.is_object()) drop(object_id, "not JSON");
  for (const auto& [key, value] : message.items()) {
    if (!root_keys.contains(key)) drop(object_id, "unknown root key " + key);
  }
  for (const auto* key : {"device", "origin", "components"}) {
    if (!message.contains(key)) drop(object_id, std::string{"no "} + key);
  }
  for (const auto& [key, value] : message.at("device").items()) {
    if (!device_keys.contains(key)) drop(object_id, "unknown device key " + key);
  }
  for (const auto& [key, value] : message.at("origin").items()) {
    if (!origin_keys.contains(key)) drop(object_id, "unknown origin key " + key);
  }
  if (message.at("device").at("identifiers").empty()) drop(object_id, "no identifier");

  for (const auto& [key, options] : message.at("components").items()) {
    const std::string platform = text(options, "platform");
    if (platform.empty()) drop(object_id, "component " + key + " without platform");
    const auto place = std::pair{object_id, key};
    if (options.size() == 1) {  // a stub
      components_.erase(place);
      continue;
    }
    if (!options.contains("unique_id")) drop(object_id, "component " + key + " without unique_id");
    Component component = components_.contains(place) ? components_.at(place) : Component{};
    component.entity = {text(message.at("device"), "name"),   text(options, "name"),         platform,
                        text(options, "unit_of_measurement"), text(options, "device_class"), {}};
    component.object_id = object_id;
    component.unique_id = text(options, "unique_id");
    component.state_topic = platform == "button" ? std::string{} : text(options, "state_topic", text(message, "state_topic"));
    component.value_template = text(options, "value_template");
    component.payload_on = text(options, "payload_on", "ON");
    component.payload_off = text(options, "payload_off", "OFF");
    component.command_topic = text(options, "command_topic");
    component.min = options.value("min", 0.0);
    component.max = options.value("max", 100.0);
    component.options = options.value("options", std::vector<std::string>{});
    if (platform == "select" && component.options.empty()) complaints_.push_back("select " + key + " without options");
    if ((platform == "number" || platform == "select") && component.command_topic.empty()) {
      complaints_.push_back(key + " without command_topic");
      continue;
    }
    component.availability.clear();
    for (const auto& entry :
         options.contains("availability") ? options.at("availability") : message.value("availability", json::array())) {
      component.availability.push_back(text(entry, "topic"));
    }
    if (component.availability.size() > 1 && text(message, "availability_mode") != "all")
      complaints_.push_back("availability of " + key);
    if (const auto allowed = units.find(component.entity.device_class);
        platform == "sensor" && allowed != units.end() && !allowed->second.contains(component.entity.unit)) {
      complaints_.push_back("unit of " + key + " refused");
      continue;
    }
    const bool is_new = !components_.contains(place);
    auto& kept = components_[place] = std::move(component);
    if (is_new && topics_.contains(kept.state_topic)) update(kept, topics_.at(kept.state_topic));
  }
}

void HomeAssistant::update(Component& component, const std::string& payload) {
  const auto value = evaluate(component.value_template, payload, complaints_);
  if (!value) return;
  if (*value == "None") {
    component.value = "unknown";
  } else if (component.entity.platform == "binary_sensor") {
    if (*value == component.payload_on) component.value = "on";
    if (*value == component.payload_off) component.value = "off";
  } else if (component.entity.device_class == "timestamp") {
    if (value->ends_with("Z") || value->find('+') != std::string::npos) {
      component.value = *value;
    } else {
      complaints_.push_back("time without a zone: " + *value);
    }
  } else if (component.entity.platform == "select") {
    if (std::find(component.options.begin(), component.options.end(), *value) != component.options.end()) {
      component.value = *value;
    } else {
      complaints_.push_back("no option of " + component.unique_id + ": " + *value);
    }
  } else if (is_number(*value)) {
    const double number = json::parse(*value).get<double>();
    if (component.entity.platform == "number" && (number < component.min || number > component.max)) {
      complaints_.push_back("outside of " + component.unique_id + ": " + *value);
      return;
    }
    component.value = *value;
  } else {
    complaints_.push_back("not a number for " + component.unique_id + ": " + *value);
  }
}

std::string HomeAssistant::shown(const Component& component) const {
  for (const auto& topic : component.availability) {
    const auto said = topics_.find(topic);
    if (said == topics_.end() || said->second != "online") return "unavailable";
  }
  return component.value;
}

std::optional<HomeAssistant::Entity> HomeAssistant::entity(const std::string& unique_id) const {
  const auto found = std::find_if(components_.begin(), components_.end(),
                                  [&](const auto& entry) { return entry.second.unique_id == unique_id; });
  if (found == components_.end()) return std::nullopt;
  Entity entity = found->second.entity;
  entity.state = shown(found->second);
  return entity;
}

std::string HomeAssistant::state(const std::string& unique_id) const {
  const auto found = entity(unique_id);
  return found ? found->state : "missing";
}

std::vector<std::string> HomeAssistant::unique_ids() const {
  std::vector<std::string> ids;
  for (const auto& [place, component] : components_) ids.push_back(component.unique_id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> HomeAssistant::command_topics() const {
  std::vector<std::string> topics;
  for (const auto& [place, component] : components_) {
    if (component.entity.platform == "button") topics.push_back(component.command_topic);
  }
  return topics;
}

std::string HomeAssistant::command_topic(const std::string& unique_id) const {
  for (const auto& [place, component] : components_) {
    if (component.unique_id == unique_id) return component.command_topic;
  }
  return {};
}

}  // namespace rbamp::support
