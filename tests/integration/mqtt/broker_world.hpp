// The publisher on a real loop, over Paho, against a real broker; and somebody who listens.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "loop/loop.hpp"
#include "mosquitto.hpp"
#include "mqtt/paho_connection.hpp"
#include "mqtt/publisher.hpp"
#include "support/memory_sink.hpp"
#include "support/mqtt_home_assistant.hpp"
#include "support/timed_loop.hpp"

namespace rbamp::mqtt {

/// Another client of the broker: subscribes to everything, keeps what it sees, and plays Home Assistant with it. Connects anew by itself.
class Listener {
 public:
  struct Seen {
    std::string topic;
    std::string payload;
    bool is_retained;
  };

  explicit Listener(std::uint16_t port, const std::string& user = {}, const std::string& password = {});
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// Waits until the broker has confirmed the subscription.
  void wait_until_listening();
  void publish(const std::string& topic, const std::string& payload, bool is_retained = false);
  [[nodiscard]] std::vector<Seen> seen() const;
  [[nodiscard]] std::string newest(const std::string& topic) const;
  [[nodiscard]] std::size_t count(const std::string& topic, const std::string& payload) const;
  /// Home Assistant, as if it had been connected all the time.
  [[nodiscard]] support::HomeAssistant home() const;
  /// Home Assistant, as if it had started just now: the newest message of each topic.
  [[nodiscard]] support::HomeAssistant home_started_now() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct RecordingFleet final : metering::FleetControl {
  void latch_now() override { ++latches; }
  bool restart_module(const std::string& module_id) override {
    restarts.push_back(module_id);
    return true;
  }
  int latches = 0;
  std::vector<std::string> restarts;
};

struct RecordingSettings final : metering::SettingControl {
  void set(const metering::SettingOrder& order, std::function<void(Result<void>)> done) override {
    orders.push_back(order);
    done(failure(Errc::rejected, Remedy::give_up, "the module refused it"));
  }
  std::vector<metering::SettingOrder> orders;
};

struct BrokerWorld {
  support::TimedLoop loop{std::chrono::seconds{60}};
  support::MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  RecordingFleet fleet;
  RecordingSettings settings;
  MemoryStateStore store;
  PublisherOptions options;
  std::unique_ptr<PahoConnection> connection;
  std::unique_ptr<Publisher> publisher;

  explicit BrokerWorld(std::uint16_t port, const std::string& scheme = "mqtt", const std::string& host = "127.0.0.1");
  ~BrokerWorld();
  /// Reads `options`.
  void make();
  /// Makes it, meters and connects.
  void begin() {
    make();
    meter();
    publisher->start();
  }
  /// The workshop of the worked example is metered.
  void meter(std::int64_t lights_import_uwh = 1'234'567'000'000);
  void until(const std::function<bool()>& condition) { loop.run_until(condition); }
  void until_online() {
    until([this] { return publisher->is_online(); });
  }
  void run_for(std::chrono::milliseconds time);
  /// Runs the loop until the publisher has stopped; returns how long that took.
  std::chrono::milliseconds stop();
};

}  // namespace rbamp::mqtt
