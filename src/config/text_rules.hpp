// What texts of the configuration may look like. Each rule gives the end of a sentence, or nothing when the text is fine.
#pragma once

#include <string>
#include <string_view>

namespace rbamp::config {

[[nodiscard]] std::string any_text(std::string_view text);
/// Shown to people: not empty, at most 100 bytes.
[[nodiscard]] std::string display_name(std::string_view text);
/// [a-z0-9_-]+, at most 64: bus names.
[[nodiscard]] std::string plain_id(std::string_view text);
/// A plain id that is no word of a topic: module and channel ids. Design section 4.
[[nodiscard]] std::string topic_id(std::string_view text);
/// What a name would be as an id: "Heat Pump" -> "heat_pump". Empty when nothing is left; may be a word of a topic.
[[nodiscard]] std::string as_id(std::string_view text);
/// Empty, or from the root: a service has no folder of its own to start from.
[[nodiscard]] std::string absolute_path_or_empty(std::string_view text);
[[nodiscard]] std::string absolute_path(std::string_view text);
/// An MQTT topic to publish on: levels without wildcards, none empty.
[[nodiscard]] std::string topic(std::string_view text);
[[nodiscard]] std::string mqtt_client_id(std::string_view text);
[[nodiscard]] std::string broker(std::string_view text);
/// Empty, or 24 hex digits.
[[nodiscard]] std::string uid_or_empty(std::string_view text);
/// At most 8 printable ASCII characters: what a module's LABEL register holds. Protocol 4.7.
[[nodiscard]] std::string module_label(std::string_view text);
[[nodiscard]] std::string time_zone(std::string_view text);

}  // namespace rbamp::config
