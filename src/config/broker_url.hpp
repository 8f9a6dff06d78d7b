// Where the MQTT broker is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace rbamp::config {

struct BrokerUrl {
  bool is_tls = false;  ///< mqtts://
  std::string host;     ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 1883;
};

/// "mqtt://host", "mqtts://host:8883", "mqtt://[fd00::1]:1883". Without a port 1883, with TLS 8883. Pure.
/// Error: config_invalid; the text says what to write and never repeats a URL that holds a password.
[[nodiscard]] Result<BrokerUrl> parse_broker_url(std::string_view text);

}  // namespace rbamp::config
