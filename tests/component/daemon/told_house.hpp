// A house with all that the daemon tells of it: the journal as at level info, events, and MQTT on a broker in memory.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/event_desk.hpp"
#include "mqtt/publisher.hpp"
#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/no_controls.hpp"
#include "unit/mqtt/fake_broker.hpp"

namespace rbamp::support {

/// Nothing is asked of the fleet over MQTT.
class ToldHouse {
 public:
  explicit ToldHouse(HouseSettings settings) : house_(std::move(settings)), broker_(house_.loop()) {
    options_.seed = 1;
    auto request = mqtt::connect_request(options_.mqtt, mqtt::Publisher::will(options_.mqtt));
    REQUIRE(request);
    publisher_.emplace(options_, std::move(*request), broker_, house_.loop(), mqtt::PublisherControls{no_fleet_, no_settings_},
                       texts_, house_.logger());
    house_.outputs().add(events_);
    house_.outputs().add(*publisher_);
    house_.hold_back_floods();
  }

  void start() {
    house_.start();
    publisher_->start();
  }
  void stop() {
    house_.stop();
    publisher_->stop([] {});
    house_.run_for(std::chrono::seconds{1});
  }

  [[nodiscard]] House& house() { return house_; }
  [[nodiscard]] mqtt::FakeBroker& broker() { return broker_; }
  /// What the ledger's table of events would have.
  [[nodiscard]] const std::vector<storage::LedgerEvent>& stored_events() const { return stored_; }

 private:
  House house_;
  loop::InlineExecutor executor_;
  std::vector<storage::LedgerEvent> stored_;
  daemon::EventDesk events_{{[this](const storage::LedgerEvent& event) { stored_.push_back(event); }, executor_, house_.loop(),
                             house_.outputs(), house_.logger(), BootId{BootId::Bytes{7}}},
                            {}};
  NoFleet no_fleet_;
  NoSettings no_settings_;
  mqtt::MemoryStateStore texts_;
  mqtt::FakeBroker broker_;
  mqtt::PublisherOptions options_;
  std::optional<mqtt::Publisher> publisher_;
};

}  // namespace rbamp::support
