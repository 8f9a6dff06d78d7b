#include "broker_world.hpp"

#include <mqtt/async_client.h>

#include <stdexcept>
#include <thread>

#include "../../unit/mqtt/house.hpp"

namespace rbamp::mqtt {

class Listener::Impl final : public ::mqtt::callback {
 public:
  Impl(std::uint16_t port, const std::string& user, const std::string& password)
      : client_("mqtt://127.0.0.1:" + std::to_string(port), "listener") {
    client_.set_callback(*this);
    options_.set_clean_session(true);
    options_.set_automatic_reconnect(std::chrono::seconds{1}, std::chrono::seconds{1});
    if (!user.empty()) {
      options_.set_user_name(user);
      options_.set_password(password);
    }
    client_.connect(options_)->wait();
  }
  ~Impl() override {
    try {
      client_.disable_callbacks();
      if (client_.is_connected()) client_.disconnect()->wait_for(std::chrono::seconds{2});
    } catch (const ::mqtt::exception&) {
      // The broker went away first.
    }
  }

  void connected(const std::string& /*cause*/) override {
    try {
      client_.subscribe("#", 1);
    } catch (const ::mqtt::exception&) {
      // The broker went away again; it connects anew.
    }
  }
  void message_arrived(::mqtt::const_message_ptr message) override {
    const std::scoped_lock lock{mutex_};
    seen_.push_back({message->get_topic(), message->get_payload_str(), message->is_retained()});
  }
  void publish(const std::string& topic, const std::string& payload, bool is_retained) {
    client_.publish(topic, payload.data(), payload.size(), 1, is_retained)->wait_for(std::chrono::seconds{5});
  }
  [[nodiscard]] std::vector<Seen> seen() const {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  ::mqtt::connect_options options_;
  ::mqtt::async_client client_;
};

Listener::Listener(std::uint16_t port, const std::string& user, const std::string& password)
    : impl_(std::make_unique<Impl>(port, user, password)) {
  wait_until_listening();
}
Listener::~Listener() = default;

void Listener::wait_until_listening() {
  for (int i = 0; i < 500; ++i) {
    const std::string token = "probe " + std::to_string(i);
    try {
      impl_->publish("listener/probe", token, false);
    } catch (const ::mqtt::exception&) {
      // not connected at the moment
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    if (newest("listener/probe").starts_with("probe")) return;
  }
  throw std::runtime_error("the listener cannot listen");
}

void Listener::publish(const std::string& topic, const std::string& payload, bool is_retained) {
  impl_->publish(topic, payload, is_retained);
}
std::vector<Listener::Seen> Listener::seen() const { return impl_->seen(); }

std::string Listener::newest(const std::string& topic) const {
  std::string payload;
  for (const auto& message : seen()) {
    if (message.topic == topic) payload = message.payload;
  }
  return payload;
}

std::size_t Listener::count(const std::string& topic, const std::string& payload) const {
  std::size_t times = 0;
  for (const auto& message : seen()) times += message.topic == topic && message.payload == payload ? 1U : 0U;
  return times;
}

support::HomeAssistant Listener::home() const {
  support::HomeAssistant reader;
  for (const auto& message : seen()) reader.receive(message.topic, message.payload);
  return reader;
}

support::HomeAssistant Listener::home_started_now() const {
  std::map<std::string, std::string> newest;
  for (const auto& message : seen()) newest[message.topic] = message.payload;
  support::HomeAssistant reader;
  for (const auto& [topic, payload] : newest) reader.receive(topic, payload);
  return reader;
}

BrokerWorld::BrokerWorld(std::uint16_t port, const std::string& scheme, const std::string& host) {
  options.mqtt.broker = scheme + "://" + host + ":" + std::to_string(port);
  options.software_version = "0.1.0";
  options.seed = 1;
}

BrokerWorld::~BrokerWorld() {
  publisher.reset();
  connection.reset();
}

void BrokerWorld::make() {
  publisher.reset();
  connection.reset();
  connection = std::make_unique<PahoConnection>(*loop);
  publisher = std::make_unique<Publisher>(options, *connect_request(options.mqtt, Publisher::will(options.mqtt)), *connection,
                                          *loop, PublisherControls{fleet, settings}, store, logger);
}

void BrokerWorld::meter(std::int64_t lights_import_uwh) {
  publisher->daemon_state(daemon_state());
  publisher->describe(workshop());
  publisher->live(workshop_reading());
  publisher->committed(workshop_minute(lights_import_uwh));
  publisher->set_reachable("workshop", true);
  publisher->settings(workshop_settings());
}

void BrokerWorld::run_for(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  until([end] { return std::chrono::steady_clock::now() >= end; });
}

std::chrono::milliseconds BrokerWorld::stop() {
  const auto begin = std::chrono::steady_clock::now();
  bool is_stopped = false;
  publisher->stop([&is_stopped] { is_stopped = true; });
  until([&is_stopped] { return is_stopped; });
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace rbamp::mqtt
