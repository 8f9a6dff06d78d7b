#include "mqtt/topics.hpp"

namespace rbamp::mqtt {
namespace {

bool is_object_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::string Topics::identifier() const {
  std::string id = base_;
  for (char& c : id) {
    if (!is_object_id_character(c)) c = '_';
  }
  return id;
}

std::string Topics::below(std::string_view module, std::string_view leaf) const {
  std::string topic;
  topic.reserve(base_.size() + module.size() + leaf.size() + 2);
  topic.append(base_).append(1, '/').append(module).append(1, '/').append(leaf);
  return topic;
}

std::string Topics::below(std::string_view module, std::string_view channel, std::string_view leaf) const {
  std::string topic = below(module, channel);
  topic.append(1, '/').append(leaf);
  return topic;
}

std::optional<std::string> Topics::energy_channel(std::string_view topic, std::string_view module) const {
  const std::string front = below(module, "");
  constexpr std::string_view leaf = "/energy";
  if (topic.size() <= front.size() + leaf.size() || !topic.starts_with(front) || !topic.ends_with(leaf)) return std::nullopt;
  const auto channel = topic.substr(front.size(), topic.size() - front.size() - leaf.size());
  if (channel.find('/') != std::string_view::npos) return std::nullopt;
  return std::string{channel};
}

}  // namespace rbamp::mqtt
