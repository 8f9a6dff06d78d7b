#include "mqtt/discovery.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "mqtt/entity_name.hpp"
#include "mqtt/json_text.hpp"
#include "mqtt/setting_text.hpp"

namespace rbamp::mqtt {
namespace {

using nlohmann::json;

/// "{{ value_json.power | default('None') }}": a key that an older daemon does not send shows as unknown, silently.
std::string guarded(std::string_view key) { return "{{ value_json." + std::string{key} + " | default('None') }}"; }

/// Collects the components of one device and gives each its identity.
class Builder {
 public:
  Builder(std::string identifier, std::string slug) : identifier_(std::move(identifier)), slug_(std::move(slug)) {}

  /// `part` ends the unique id and, unless `entity` says otherwise, the suggested entity id.
  void add(const std::string& key, const std::string& platform, const std::string& part, const std::string& entity,
           json component) {
    const std::string unique_id = identifier_ + "_" + part;
    component["platform"] = platform;
    component["unique_id"] = unique_id;
    component["default_entity_id"] = platform + "." + slug_ + "_" + entity;
    components_.emplace(key, Component{platform, unique_id, to_line(component)});
  }
  [[nodiscard]] std::map<std::string, Component> take() && { return std::move(components_); }

 private:
  std::string identifier_;
  std::string slug_;
  std::map<std::string, Component> components_;
};

json origin_json(const Origin& origin) {
  return {{"name", "rbampd"}, {"sw_version", origin.software_version}, {"support_url", origin.support_url}};
}

json availability_json(std::initializer_list<std::string> topics) {
  json list = json::array();
  for (const auto& topic : topics) list.push_back(json{{"topic", topic}});
  return list;
}

struct Measurement {
  const char* key;        ///< in the state message; also ends component key and ids, unless others are given
  const char* component;  ///< ends the component key
  const char* name;       ///< the entity part of the shown name, after the channel's
  const char* device_class;
  const char* unit;  ///< nullptr: none
  int precision;
};

constexpr std::array of_module{
    Measurement{"voltage", "voltage", "Voltage", "voltage", "V", 1},
    Measurement{"frequency", "frequency", "Frequency", "frequency", "Hz", 2},
};
constexpr Measurement current{"current", "current", "current", "current", "A", 2};
constexpr std::array with_voltage{
    Measurement{"power", "power", "power", "power", "W", 0},
    Measurement{"reactive_power", "reactive", "reactive power", "reactive_power", "var", 0},
    Measurement{"power_factor", "pf", "power factor", "power_factor", nullptr, 2},
};
constexpr std::array of_demand{
    Measurement{"demand", "demand", "demand", "power", "W", 0},
    Measurement{"forecast", "demand_forecast", "demand forecast", "power", "W", 0},
    Measurement{"peak", "demand_peak", "demand peak of the month", "power", "W", 0},
};
struct EnergyRegister {
  const char* key;
  const char* component;
  const char* name;
};
constexpr std::array energy_registers{
    EnergyRegister{"import", "energy_import", "energy import"},
    EnergyRegister{"export", "energy_export", "energy export"},
};

json measurement_json(const Measurement& what, std::string name) {
  json component{{"name", std::move(name)},
                 {"device_class", what.device_class},
                 {"state_class", "measurement"},
                 {"suggested_display_precision", what.precision},
                 {"value_template", guarded(what.key)}};
  if (what.unit != nullptr) component["unit_of_measurement"] = what.unit;
  return component;
}

const std::string& shown_name(const metering::ModuleDescription& module) { return module.name.empty() ? module.id : module.name; }

/// How the entities of a channel are called. Home Assistant puts the name of the device in front, so what a channel's name repeats of
/// it is left out: "Mains" and "Mains 1", as channels without a name are called, would give "Mains Mains 1 power". Home-assistant 4.
class ChannelWords {
 public:
  ChannelWords(const metering::ModuleDescription& module, const metering::ChannelDescription& channel)
      : own_(channel.name.empty() ? channel.id : channel.name) {
    const std::string& device = shown_name(module);
    if (own_ == device) {
      own_.clear();
    } else if (own_.starts_with(device + " ")) {
      own_.erase(0, device.size() + 1);
    }
    if (!own_.empty()) slug_ = slug_of(own_, channel.id) + "_";
  }
  /// "Lights power", or "Power".
  [[nodiscard]] std::string name(std::string what) const {
    if (!own_.empty()) return own_ + " " + what;
    if (what.front() >= 'a' && what.front() <= 'z') what.front() = static_cast<char>(what.front() - 'a' + 'A');
    return what;
  }
  /// "lights_power", or "power".
  [[nodiscard]] std::string slug(const std::string& what) const { return slug_ + what; }

 private:
  std::string own_;   ///< empty: the device's name says it all
  std::string slug_;  ///< with what joins it
};

void add_channel(Builder& builder, const Topics& topics, const metering::ModuleDescription& module,
                 const metering::ChannelDescription& channel) {
  const ChannelWords words{module, channel};
  const auto add_measurement = [&](const Measurement& what) {
    json component = measurement_json(what, words.name(what.name));
    component["state_topic"] = topics.channel_state(module.id, channel.id);
    builder.add(channel.id + "_" + what.component, "sensor", channel.id + "_" + what.key, words.slug(what.key),
                std::move(component));
  };
  add_measurement(current);
  if (module.has_voltage) {
    for (const auto& what : with_voltage) add_measurement(what);
  }
  if (!module.has_energy()) return;
  for (const auto& what : energy_registers) {
    // `total` with last_reset: a dip or a restored backup does no lasting harm, unlike with total_increasing (home-assistant 10).
    builder.add(channel.id + "_" + what.component, "sensor", channel.id + "_" + what.component, words.slug(what.component),
                {{"name", words.name(what.name)},
                 {"device_class", "energy"},
                 {"state_class", "total"},
                 {"unit_of_measurement", "kWh"},
                 {"suggested_display_precision", 2},
                 {"state_topic", topics.channel_energy(module.id, channel.id)},
                 {"value_template", guarded(what.key)},
                 {"last_reset_value_template", "{{ value_json.since }}"}});
  }
}

void add_demand(Builder& builder, const Topics& topics, const metering::ModuleDescription& module,
                const metering::ChannelDescription& channel) {
  const ChannelWords words{module, channel};
  for (const auto& what : of_demand) {
    json component = measurement_json(what, words.name(what.name));
    component["state_topic"] = topics.channel_demand(module.id, channel.id);
    builder.add(channel.id + "_" + what.component, "sensor", channel.id + "_" + what.component, words.slug(what.component),
                std::move(component));
  }
}

void add_threshold(Builder& builder, const Topics& topics, const std::string& module_id, const std::string& key,
                   std::string_view setting, json component) {
  component["entity_category"] = "config";
  component["min"] = 0;
  component["mode"] = "box";
  component["state_topic"] = topics.module_config(module_id);
  component["value_template"] = guarded(setting);
  component["command_topic"] = topics.set_command(module_id, setting);
  builder.add(key, "number", std::string{setting}, std::string{setting}, std::move(component));
}

/// What people may change: home-assistant 9. The module answers with what it really has.
void add_settings(Builder& builder, const Topics& topics, const metering::ModuleDescription& module) {
  add_threshold(builder, topics, module.id, "threshold", over_current,
                {{"name", "Over-current threshold"},
                 {"device_class", "current"},
                 {"unit_of_measurement", "A"},
                 {"max", greatest_over_current},
                 {"step", 0.01}});
  if (module.has_voltage) {
    add_threshold(builder, topics, module.id, "threshold_power", over_power,
                  {{"name", "Over-power threshold"},
                   {"device_class", "power"},
                   {"unit_of_measurement", "W"},
                   {"max", greatest_over_power},
                   {"step", 1}});
  }
  if (module.ct_models.empty()) return;
  for (const auto& channel : module.channels) {
    const ChannelWords words{module, channel};
    const std::string setting = ct_setting(channel.index);
    builder.add(channel.id + "_ct", "select", channel.id + "_ct_model", words.slug("ct_model"),
                {{"name", words.name("CT model")},
                 {"entity_category", "config"},
                 {"options", module.ct_models},
                 {"state_topic", topics.module_config(module.id)},
                 {"value_template", guarded(setting)},
                 {"command_topic", topics.set_command(module.id, setting)}});
  }
}

json event_types() {
  json types = json::array();
  for (std::size_t i = 0; i < metering::event_kinds; ++i)
    types.push_back(std::string{to_string(static_cast<metering::EventKind>(i))});
  return types;
}

}  // namespace

DeviceDocument describe_daemon(const Topics& topics, const Origin& origin) {
  const std::string id = topics.identifier();
  Builder builder{id, "rbampd"};
  // Its own topic is the state, and it has no availability: it shows "off" rather than "unavailable".
  builder.add("connectivity", "binary_sensor", "connectivity", "connectivity",
              {{"name", "Connection"},
               {"device_class", "connectivity"},
               {"entity_category", "diagnostic"},
               {"state_topic", topics.status()},
               {"payload_on", "online"},
               {"payload_off", "offline"},
               {"availability", json::array()}});
  builder.add("started", "sensor", "started", "started",
              {{"name", "Started"},
               {"device_class", "timestamp"},
               {"entity_category", "diagnostic"},
               {"value_template", "{{ value_json.started }}"}});
  builder.add("modules", "sensor", "modules_online", "modules_online",
              {{"name", "Modules online"},
               {"state_class", "measurement"},
               {"entity_category", "diagnostic"},
               {"value_template", "{{ value_json.modules_online }}"}});
  builder.add("bus_errors", "sensor", "bus_errors", "bus_errors",
              {{"name", "Bus errors"},
               {"state_class", "total_increasing"},
               {"entity_category", "diagnostic"},
               {"enabled_by_default", false},
               {"value_template", "{{ value_json.bus_errors }}"}});
  builder.add("problem", "binary_sensor", "problem", "problem",
              {{"name", "Problem"},
               {"device_class", "problem"},
               {"entity_category", "diagnostic"},
               {"value_template", "{{ 'ON' if value_json.problem else 'OFF' }}"}});
  builder.add("latch", "button", "latch", "latch_now",
              {{"name", "Latch now"},
               {"entity_category", "config"},
               {"command_topic", topics.latch_command()},
               {"payload_press", "PRESS"}});
  // A second daemon on the same broker has another base topic; its name tells them apart.
  const std::string name = topics.base() == "rbamp" ? "rbampd" : "rbampd " + topics.base();
  const json head{{"device",
                   {{"identifiers", json::array({id})},
                    {"name", name},
                    {"manufacturer", "rbampd project"},
                    {"model", "Energy daemon"},
                    {"sw_version", origin.software_version},
                    {"serial_number", id}}},
                  {"origin", origin_json(origin)},
                  {"state_topic", topics.state()},
                  {"availability", availability_json({topics.status()})},
                  {"availability_mode", "all"}};
  return {id, to_line(head), std::move(builder).take()};
}

DeviceDocument describe_module(const Topics& topics, const Origin& origin, const metering::ModuleDescription& module) {
  const std::string id = topics.module_identifier(module.id);
  Builder builder{id, slug_of(module.name, module.id)};
  if (module.has_voltage) {
    for (const auto& what : of_module)
      builder.add(what.component, "sensor", what.key, what.key, measurement_json(what, what.name));
  }
  for (const auto& channel : module.channels) {
    add_channel(builder, topics, module, channel);
    if (module.has_demand) add_demand(builder, topics, module, channel);
  }
  add_settings(builder, topics, module);
  builder.add("events", "event", "events", "power_event",
              {{"name", "Power event"}, {"event_types", event_types()}, {"state_topic", topics.module_event(module.id)}});
  // Only the daemon's status counts for it: while the module is away it must say so, not be unavailable itself.
  builder.add("reach", "binary_sensor", "reachable", "reachable",
              {{"name", "Reachable"},
               {"device_class", "connectivity"},
               {"entity_category", "diagnostic"},
               {"state_topic", topics.module_status(module.id)},
               {"payload_on", "online"},
               {"payload_off", "offline"},
               {"availability", availability_json({topics.status()})}});
  builder.add("last_read", "sensor", "last_read", "last_read",
              {{"name", "Last read"},
               {"device_class", "timestamp"},
               {"entity_category", "diagnostic"},
               {"enabled_by_default", false},
               {"value_template", guarded("last_read")}});
  builder.add("restart", "button", "restart", "restart",
              {{"name", "Restart"},
               {"device_class", "restart"},
               {"entity_category", "config"},
               {"command_topic", topics.restart_command(module.id)}});
  const json head{{"device",
                   {{"identifiers", json::array({id})},
                    {"name", shown_name(module)},
                    {"manufacturer", "rbAmp"},
                    {"model", "rbAmp " + module.variant},
                    {"model_id", module.variant},
                    {"serial_number", to_string(module.uid)},
                    {"hw_version", module.hardware_version},
                    {"sw_version", module.firmware_version},
                    {"via_device", topics.identifier()}}},
                  {"origin", origin_json(origin)},
                  {"state_topic", topics.module_state(module.id)},
                  {"availability", availability_json({topics.status(), topics.module_status(module.id)})},
                  {"availability_mode", "all"}};
  return {id, to_line(head), std::move(builder).take()};
}

}  // namespace rbamp::mqtt
