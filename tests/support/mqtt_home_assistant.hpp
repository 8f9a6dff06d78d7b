// The reading side of Home Assistant, as far as our messages use it: discovery to entities, states through templates, availability.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rbamp::support {

/// Feed it every message that reaches a subscriber; then ask what a user would see. Home-assistant 2, 5, 6 and 8.
/// Throws std::runtime_error for a message that Home Assistant would drop whole, and for a template that it does not know.
class HomeAssistant {
 public:
  struct Entity {
    std::string device;
    std::string name;
    std::string platform;
    std::string unit;
    std::string device_class;
    std::string state;  ///< "unavailable", "unknown", or what is shown
  };

  void receive(const std::string& topic, const std::string& payload);

  /// By unique id.
  [[nodiscard]] std::optional<Entity> entity(const std::string& unique_id) const;
  /// "missing" when there is no such entity.
  [[nodiscard]] std::string state(const std::string& unique_id) const;
  [[nodiscard]] std::vector<std::string> unique_ids() const;
  /// Topics that buttons publish to.
  [[nodiscard]] std::vector<std::string> command_topics() const;
  /// Where a number or select of this unique id publishes to; empty: there is none.
  [[nodiscard]] std::string command_topic(const std::string& unique_id) const;
  [[nodiscard]] std::size_t discovery_messages() const { return discovery_messages_; }
  /// Warnings and errors that would be in its log.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Component;
  void discover(const std::string& object_id, const std::string& payload);
  void update(Component& component, const std::string& payload);
  [[nodiscard]] std::string shown(const Component& component) const;

  struct Component {
    Entity entity;
    std::string object_id;
    std::string unique_id;
    std::string state_topic;
    std::string value_template;
    std::string payload_on;
    std::string payload_off;
    std::string command_topic;
    double min = 0.0;
    double max = 100.0;
    std::vector<std::string> options;
    std::vector<std::string> availability;
    std::string value = "unknown";
  };
  std::map<std::pair<std::string, std::string>, Component> components_;  // (object id, key)
  std::map<std::string, std::string> topics_;                            // newest payload
  std::size_t discovery_messages_ = 0;
  std::vector<std::string> complaints_;
};

/// MQTT filter against topic, with '+' and '#'.
[[nodiscard]] bool topic_matches(std::string_view filter, std::string_view topic);

}  // namespace rbamp::support
