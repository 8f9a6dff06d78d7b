// What a message from the broker means to us. Everything that arrives is untrusted: the broker may be shared.
#pragma once

#include <string>
#include <variant>

#include "mqtt/message.hpp"
#include "mqtt/topics.hpp"

namespace rbamp::mqtt {

struct LatchPressed {};
struct RestartPressed {
  std::string module_id;
};
/// What the text means depends on the module: see parse_setting.
struct SettingWanted {
  std::string module_id;
  std::string setting;    ///< last level of the topic
  std::string text;       ///< untrusted
  std::string objection;  ///< not empty: why it is refused whatever it means; still answered with the real value
};
/// A command that is not carried out, with the reason for the log. Nothing of the payload is in it.
struct CommandRefused {
  std::string words;
};
/// A registers' topic, retained by the broker from an earlier publication of ours.
struct EnergyHeld {
  std::string topic;
};
/// A module that the broker retains as `online`, from an earlier publication of ours.
struct OnlineHeld {
  std::string module_id;
};
/// Somebody's message on one of our discovery topics: ours come back, or it was emptied.
struct DiscoverySeen {
  std::string object_id;
  bool is_empty = false;
};
struct Unknown {};

using Incoming =
    std::variant<Unknown, LatchPressed, RestartPressed, SettingWanted, CommandRefused, EnergyHeld, OnlineHeld, DiscoverySeen>;

/// Pure. Payloads of buttons must be exactly "PRESS"; a retained command is refused, since it would act again at each reconnect.
[[nodiscard]] Incoming classify(const Topics& topics, const Message& message);

}  // namespace rbamp::mqtt
