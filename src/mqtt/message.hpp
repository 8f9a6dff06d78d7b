// One MQTT message, either way.
#pragma once

#include <string>

namespace rbamp::mqtt {

struct Message {
  std::string topic;
  std::string payload;      ///< UTF-8; empty and retained clears the topic
  bool is_retained = true;  ///< incoming: it was on the broker before we subscribed
};

}  // namespace rbamp::mqtt
