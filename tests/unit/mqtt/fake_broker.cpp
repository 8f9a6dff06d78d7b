#include "fake_broker.hpp"

#include <algorithm>

#include "support/mqtt_home_assistant.hpp"

namespace rbamp::mqtt {

using Kind = ConnectFailure::Kind;

void FakeBroker::later(std::function<void(ConnectionEvents&)> event) {
  scheduler_.post([this, generation = generation_, event = std::move(event)] {
    if (generation == generation_ && events_ != nullptr) event(*events_);
  });
}

void FakeBroker::end() {
  ++generation_;
  is_connected_ = false;
  filters.clear();
  unacknowledged_.clear();
}

void FakeBroker::connect(ConnectRequest request) {
  end();
  has_new_files = false;
  attempts.push_back(request);
  attempt_times.push_back(scheduler_.clock().boot_now());
  const auto fail = [this](Kind kind) {
    later([kind](ConnectionEvents& events) { events.on_connect_failed({kind, "as the test wants"}); });
  };
  switch (answer) {
    case Answer::silence: return;
    case Answer::unreachable: return fail(Kind::unreachable);
    case Answer::credentials: return fail(Kind::credentials);
    case Answer::unanswered: return fail(Kind::unanswered);
    case Answer::refuse_v5:
      if (request.version == ProtocolVersion::v5) return fail(Kind::version);
      break;
    case Answer::accept: break;
  }
  is_connected_ = true;
  later([](ConnectionEvents& events) { events.on_connected(); });
}

void FakeBroker::keep(const Message& message) {
  if (!message.is_retained) return;
  if (message.payload.empty()) {
    retained.erase(message.topic);
  } else {
    retained[message.topic] = message.payload;
  }
}

void FakeBroker::deliver(const Message& message) {
  for (const auto& filter : filters) {
    if (!support::topic_matches(filter, message.topic)) continue;
    later([live = Message{message.topic, message.payload, false}](ConnectionEvents& events) { events.on_message(live); });
    return;
  }
}

void FakeBroker::publish(Ticket ticket, Message message) {
  if (!is_connected_) return;
  sent.push_back({scheduler_.clock().boot_now(), message});
  keep(message);
  deliver(message);
  if (acknowledges) {
    later([ticket, refusal = refuses_publications](ConnectionEvents& events) { events.on_delivered(ticket, refusal); });
  } else {
    unacknowledged_.push_back(ticket);
  }
}

void FakeBroker::acknowledge_all() {
  for (const Ticket ticket : std::exchange(unacknowledged_, {})) {
    later([ticket](ConnectionEvents& events) { events.on_delivered(ticket, {}); });
  }
}

void FakeBroker::subscribe(std::string filter) {
  if (!is_connected_) return;
  filters.push_back(filter);
  later([filter](ConnectionEvents& events) { events.on_subscribed(filter, {}); });
  for (const auto& [topic, payload] : retained) {
    if (!support::topic_matches(filter, topic)) continue;
    later([held = Message{topic, payload, true}](ConnectionEvents& events) { events.on_message(held); });
  }
}

void FakeBroker::unsubscribe(std::string filter) { std::erase(filters, filter); }

void FakeBroker::check_files() {
  if (is_connected_ && has_new_files) later([](ConnectionEvents& events) { events.on_outdated(); });
}

void FakeBroker::disconnect() {
  ++disconnects;
  if (!closes_politely) return;
  end();
  later([](ConnectionEvents& events) { events.on_closed(); });
}

void FakeBroker::abandon() {
  if (is_connected_ && !attempts.empty()) keep(attempts.back().will);
  ++abandons;
  end();
}

void FakeBroker::lose(const std::string& words) {
  if (!is_connected_) return;
  keep(attempts.back().will);
  end();
  later([words](ConnectionEvents& events) { events.on_lost(words); });
}

void FakeBroker::publish_as_other(const Message& message) {
  keep(message);
  deliver(message);
}

std::size_t FakeBroker::count(const std::string& topic) const { return payloads(topic).size(); }

std::vector<std::string> FakeBroker::payloads(const std::string& topic) const {
  std::vector<std::string> found;
  for (const auto& entry : sent) {
    if (entry.message.topic == topic) found.push_back(entry.message.payload);
  }
  return found;
}

std::optional<std::size_t> FakeBroker::first_index(const std::string& topic, const std::string& payload) const {
  const auto found = std::find_if(sent.begin(), sent.end(), [&](const Sent& entry) {
    return entry.message.topic == topic && (payload.empty() || entry.message.payload == payload);
  });
  if (found == sent.end()) return std::nullopt;
  return static_cast<std::size_t>(found - sent.begin());
}

bool FakeBroker::has_filter(const std::string& filter) const {
  return std::find(filters.begin(), filters.end(), filter) != filters.end();
}

}  // namespace rbamp::mqtt
