// A publisher on virtual time with a broker in memory.
#pragma once

#include <string>
#include <vector>

#include "fake_broker.hpp"
#include "house.hpp"
#include "loop/virtual_loop.hpp"
#include "mqtt/publisher.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"
#include "support/mqtt_home_assistant.hpp"

namespace rbamp::mqtt {

struct FakeFleet final : metering::FleetControl {
  void latch_now() override { ++latches; }
  bool restart_module(const std::string& module_id) override {
    restarts.push_back(module_id);
    return module_id == "workshop";
  }
  int latches = 0;
  std::vector<std::string> restarts;
};

/// Modules that do what they are told, or refuse it with these words. With `later` they answer when the test says so.
struct FakeSettings final : metering::SettingControl {
  void set(const metering::SettingOrder& order, std::function<void(Result<void>)> done) override {
    orders.push_back(order);
    answers.push_back(std::move(done));
    if (!later) answer();
  }
  void answer() {
    const auto done = std::exchange(answers.back(), nullptr);
    answers.pop_back();
    if (refusal.empty()) {
      if (obeyed) obeyed(orders.back());
      done({});
    } else {
      done(failure(Errc::rejected, Remedy::give_up, refusal));
    }
  }
  std::string refusal;
  bool later = false;
  std::function<void(const metering::SettingOrder&)> obeyed;  ///< tells the publisher, as the daemon does
  std::vector<metering::SettingOrder> orders;
  std::vector<std::function<void(Result<void>)>> answers;
};

/// What outlives a daemon: the clock, the broker, the state store. A publisher lives in it and can be restarted.
struct PublisherWorld {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  support::MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  FakeBroker broker{loop};
  FakeFleet fleet;
  FakeSettings settings;
  MemoryStateStore store;
  PublisherOptions options;
  std::optional<Publisher> publisher;

  PublisherWorld() {
    options.software_version = "0.1.0";
    options.seed = 1;
    make();
  }
  void make() {
    publisher.reset();
    publisher.emplace(options, *connect_request(options.mqtt, Publisher::will(options.mqtt)), broker, loop,
                      PublisherControls{fleet, settings}, store, logger);
  }
  /// The usual state of affairs: the workshop is metered and everything has been said.
  void settle() {
    publisher->start();
    publisher->daemon_state(daemon_state());
    publisher->describe(workshop());
    publisher->live(workshop_reading());
    publisher->committed(workshop_minute(1'234'567'000'000));
    publisher->set_reachable("workshop", true);
    loop.run_for(std::chrono::seconds{40});
  }
  /// As after kill -9: the broker notices and publishes the will.
  void kill() {
    publisher.reset();
    broker.lose();
    loop.run_ready();
  }
  [[nodiscard]] std::string retained(const std::string& topic) const {
    const auto found = broker.retained.find(topic);
    return found == broker.retained.end() ? std::string{"none"} : found->second;
  }
  /// Home Assistant started now, with what the broker retains.
  [[nodiscard]] support::HomeAssistant home() const {
    support::HomeAssistant reader;
    for (const auto& [topic, payload] : broker.retained) reader.receive(topic, payload);
    return reader;
  }
};

inline constexpr const char* bridge_config = "homeassistant/device/rbamp/config";
inline constexpr const char* workshop_config = "homeassistant/device/rbamp_workshop/config";
inline constexpr const char* lights_energy = "rbamp/workshop/lights/energy";
inline constexpr const char* lights_period = "rbamp/workshop/lights/period";
inline constexpr const char* lights_state = "rbamp/workshop/lights/state";

}  // namespace rbamp::mqtt
