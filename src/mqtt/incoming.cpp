#include "mqtt/incoming.hpp"

#include <optional>
#include <string_view>

namespace rbamp::mqtt {
namespace {

constexpr std::string_view press = "PRESS";
constexpr std::size_t longest_id = 64;

/// What stands between two fixed ends of a text.
std::optional<std::string_view> between(std::string_view text, std::string_view front, std::string_view back) {
  if (text.size() < front.size() + back.size() || !text.starts_with(front) || !text.ends_with(back)) return std::nullopt;
  return text.substr(front.size(), text.size() - front.size() - back.size());
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_id &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

bool is_object_id(std::string_view text) { return !text.empty() && text.find('/') == std::string_view::npos; }

constexpr const char* retained_words =
    "the command is retained and would act again at each reconnect: send it without the retain flag, and clear the topic";

/// Empty when the button may be taken as pressed.
std::string objection(const Message& message) {
  if (message.is_retained) return retained_words;
  if (message.payload != press) return "the payload is not PRESS";
  return {};
}

}  // namespace

Incoming classify(const Topics& topics, const Message& message) {
  const std::string_view topic = message.topic;
  if (topic == topics.latch_command()) {
    if (auto words = objection(message); !words.empty()) return CommandRefused{std::move(words)};
    return LatchPressed{};
  }
  const std::string front = topics.base() + "/";
  if (const auto module = between(topic, front, "/cmd/restart"); module && is_id(*module)) {
    if (auto words = objection(message); !words.empty()) return CommandRefused{std::move(words)};
    return RestartPressed{std::string{*module}};
  }
  if (const auto rest = between(topic, front, "")) {
    constexpr std::string_view middle = "/set/";
    const auto at = rest->find(middle);
    if (at != std::string_view::npos && is_id(rest->substr(0, at)) && is_id(rest->substr(at + middle.size()))) {
      if (message.is_retained && message.payload.empty()) return Unknown{};  // somebody cleared it
      return SettingWanted{std::string{rest->substr(0, at)}, std::string{rest->substr(at + middle.size())}, message.payload,
                           message.is_retained ? retained_words : ""};
    }
  }
  if (const auto place = between(topic, front, "/energy")) {
    const auto slash = place->find('/');
    if (slash != std::string_view::npos && is_id(place->substr(0, slash)) && is_id(place->substr(slash + 1)) &&
        message.is_retained) {
      return EnergyHeld{message.topic};
    }
    return Unknown{};
  }
  if (const auto module = between(topic, front, "/status"); module && is_id(*module)) {
    if (message.is_retained && message.payload == "online") return OnlineHeld{std::string{*module}};
    return Unknown{};
  }
  // discovery("") is P/device//config: the object id stands between the two slashes.
  const std::string pattern = topics.discovery("");
  const auto gap = pattern.size() - std::string_view{"/config"}.size();
  if (const auto object_id = between(topic, std::string_view{pattern}.substr(0, gap), "/config");
      object_id && is_object_id(*object_id)) {
    return DiscoverySeen{std::string{*object_id}, message.payload.empty()};
  }
  return Unknown{};
}

}  // namespace rbamp::mqtt
