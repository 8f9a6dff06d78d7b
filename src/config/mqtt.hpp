// [mqtt] and [homeassistant]: the broker, the topics, discovery.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace rbamp::config {

struct Mqtt {
  std::string broker = "mqtt://localhost:1883";  ///< mqtt:// or mqtts://, host, optional port (1883, 8883)
  std::string client_id = "rbampd";
  std::string username;
  std::string password_file;  ///< empty: the systemd credential "mqtt-password" when there is one
  std::string ca_file;        ///< empty: the system's CAs
  std::string cert_file;
  std::string key_file;
  bool insecure_skip_tls_verify = false;  ///< true: neither certificate nor host name of the broker are looked at
  std::string base_topic = "rbamp";
  Microseconds live_interval = std::chrono::seconds{5};  ///< 0: live state only with each period

  bool operator==(const Mqtt&) const = default;
};

struct HomeAssistant {
  bool discovery = true;
  std::string prefix = "homeassistant";
  std::string birth_topic = "homeassistant/status";  ///< default: the prefix and "/status"
  std::string birth_payload = "online";

  bool operator==(const HomeAssistant&) const = default;
};

}  // namespace rbamp::config
