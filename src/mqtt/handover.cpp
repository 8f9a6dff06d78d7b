#include "mqtt/handover.hpp"

#include <nlohmann/json.hpp>

#include "mqtt/json_text.hpp"

namespace rbamp::mqtt {

using nlohmann::json;

std::string to_text(const Handover& handover) {
  return to_line(json{{"object_id", handover.object_id}, {"former_topic", handover.former_topic}, {"topics", handover.topics}});
}

std::optional<Handover> handover_from_text(const std::string& text) {
  const json root = parse_json(text);
  if (!root.is_object()) return std::nullopt;
  const auto object_id = root.find("object_id");
  const auto former = root.find("former_topic");
  const auto topics = root.find("topics");
  if (object_id == root.end() || !object_id->is_string() || former == root.end() || !former->is_string() ||
      topics == root.end() || !topics->is_array())
    return std::nullopt;
  Handover handover{object_id->get<std::string>(), former->get<std::string>(), {}};
  for (const auto& topic : *topics) {
    if (!topic.is_string()) return std::nullopt;
    handover.topics.push_back(topic.get<std::string>());
  }
  return handover;
}

}  // namespace rbamp::mqtt
