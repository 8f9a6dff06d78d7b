// [mqtt] and [homeassistant]
#include <algorithm>
#include <utility>

#include "config/broker_url.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"
#include "config/text_rules.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;

bool is_below(std::string_view topic, std::string_view above) {
  return topic == above || (topic.starts_with(above) && topic.substr(above.size()).starts_with('/'));
}

/// Home Assistant drops a discovery message whose object id, made from the base topic, holds anything else.
bool is_object_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
}

void check_tls(Draft& draft, const Mqtt& mqtt) {
  const auto url = parse_broker_url(mqtt.broker);
  if (url && !url->is_tls) {
    for (const auto& [key, is_used] :
         {std::pair{"ca_file", !mqtt.ca_file.empty()}, std::pair{"cert_file", !mqtt.cert_file.empty()},
          std::pair{"key_file", !mqtt.key_file.empty()}, std::pair{"insecure_skip_tls_verify", mqtt.insecure_skip_tls_verify}}) {
      const auto path = "mqtt." + std::string{key};
      if (!is_used) continue;
      draft.complain_at(path, path + ": only a broker with mqtts:// uses it, and mqtt.broker has mqtt://: " +
                                  "write mqtts:// there, or remove this key");
    }
  } else if (mqtt.insecure_skip_tls_verify && !mqtt.ca_file.empty()) {
    draft.complain_at(
        "mqtt.insecure_skip_tls_verify",
        "mqtt.insecure_skip_tls_verify: contradicts mqtt.ca_file, which would never be looked at: remove this key, so "
        "that the broker must show a certificate of that authority (or remove ca_file, and trust whoever answers)");
  }
  if (!mqtt.cert_file.empty() && mqtt.key_file.empty()) {
    draft.complain_at("mqtt.cert_file", "mqtt.cert_file: a client certificate needs its private key in mqtt.key_file");
  }
  if (mqtt.cert_file.empty() && !mqtt.key_file.empty()) {
    draft.complain_at("mqtt.key_file", "mqtt.key_file: a private key needs its client certificate in mqtt.cert_file");
  }
}

}  // namespace

void read_mqtt(TableReader& table, Mqtt& mqtt) {
  table.text("broker", mqtt.broker, broker);
  table.text("client_id", mqtt.client_id, mqtt_client_id);
  table.text("username", mqtt.username, any_text);
  table.refuse(
      "password",
      "a password does not belong here, everyone may read this file: write it into a file of its own, readable for the daemon "
      "only, and give that as password_file (or use the systemd credential mqtt-password)");
  table.text("password_file", mqtt.password_file, absolute_path_or_empty);
  table.text("ca_file", mqtt.ca_file, absolute_path_or_empty);
  table.text("cert_file", mqtt.cert_file, absolute_path_or_empty);
  table.text("key_file", mqtt.key_file, absolute_path_or_empty);
  table.boolean("insecure_skip_tls_verify", mqtt.insecure_skip_tls_verify);
  table.text("base_topic", mqtt.base_topic, topic);
  table.duration_or_zero("live_interval", mqtt.live_interval, 200ms, 1h);
}

void read_homeassistant(TableReader& table, HomeAssistant& homeassistant) {
  table.boolean("discovery", homeassistant.discovery);
  table.text("prefix", homeassistant.prefix, topic);
  table.text("birth_topic", homeassistant.birth_topic, topic);
  table.text("birth_payload", homeassistant.birth_payload, display_name);
}

void check_mqtt(Draft& draft) {
  if (!draft.config.mqtt) return;
  const auto& mqtt = *draft.config.mqtt;
  const auto& homeassistant = draft.config.homeassistant;
  check_tls(draft, mqtt);
  if (mqtt.username.empty() && !mqtt.password_file.empty()) {
    draft.complain_at("mqtt.password_file", "mqtt.password_file: a password needs a user: set mqtt.username as well");
  }
  if (!homeassistant.discovery) return;
  if (is_below(mqtt.base_topic, homeassistant.prefix) || is_below(homeassistant.prefix, mqtt.base_topic)) {
    draft.complain_at("mqtt.base_topic", "mqtt.base_topic: " + in_quotes(mqtt.base_topic) +
                                             " must stand apart from homeassistant.prefix, which is " +
                                             in_quotes(homeassistant.prefix));
  }
  if (!std::all_of(mqtt.base_topic.begin(), mqtt.base_topic.end(), is_object_id_character)) {
    draft.complain_at("mqtt.base_topic",
                      "mqtt.base_topic: " + in_quotes(mqtt.base_topic) +
                          " may only hold letters, digits, _, - and / while homeassistant.discovery is true: Home "
                          "Assistant refuses other characters");
  }
}

}  // namespace rbamp::config
