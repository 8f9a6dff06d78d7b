#include "mqtt/outbox.hpp"

#include <utility>

namespace rbamp::mqtt {

void Outbox::put(Rank rank, Message message) {
  if (message.is_retained) {
    if (const auto place = retained_.find(message.topic); place != retained_.end()) {
      waiting_.at(place->second).payload = std::move(message.payload);
      return;
    }
  } else if (events_.size() == most_events) {
    waiting_.erase(events_.front());
    events_.pop_front();
    ++dropped_;
  }
  const Key key{batch_, rank, sequence_++};
  if (message.is_retained) {
    retained_.emplace(message.topic, key);
  } else {
    events_.push_back(key);
  }
  waiting_.emplace(key, std::move(message));
}

std::optional<std::pair<Rank, Message>> Outbox::take() {
  if (waiting_.empty()) return std::nullopt;
  auto node = waiting_.extract(waiting_.begin());
  if (node.mapped().is_retained) {
    retained_.erase(node.mapped().topic);
  } else {
    // Events of one batch share a rank, so they leave in the order in which they came.
    events_.pop_front();
  }
  return std::pair{std::get<Rank>(node.key()), std::move(node.mapped())};
}

void Outbox::clear() {
  waiting_.clear();
  retained_.clear();
  events_.clear();
}

}  // namespace rbamp::mqtt
