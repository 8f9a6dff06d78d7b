// One Home Assistant device message: what describes the device, and its components by key. Home-assistant 2 to 5.
#pragma once

#include <map>
#include <string>

namespace rbamp::mqtt {

/// A component is known inside Home Assistant by (object id, key): a key is stable for ever, and so is its platform.
struct Component {
  std::string platform;   ///< "sensor", "binary_sensor", "button"
  std::string unique_id;  ///< stable for ever
  std::string json;       ///< the whole component, one JSON object with sorted keys

  bool operator==(const Component&) const = default;
};

struct DeviceDocument {
  std::string object_id;  ///< identity of the message: last level but one of its topic
  std::string head;       ///< a JSON object: "device", "origin" and the options that all components inherit
  std::map<std::string, Component> components;
};

/// Components that are gone and must still be named for a while, or Home Assistant keeps their entities for ever: key to platform.
using Stubs = std::map<std::string, std::string>;

/// The message: sorted keys and no blanks, so that the same content gives the same bytes and Home Assistant ignores the repeat.
/// A stub never hides a component of the same key.
[[nodiscard]] std::string to_payload(const DeviceDocument& document, const Stubs& stubs = {});

/// What a device message on the broker contains: components by key, stubs included with an empty unique id. Empty for anything
/// that is not such a message.
[[nodiscard]] std::map<std::string, Component> parse_components(const std::string& payload);

}  // namespace rbamp::mqtt
