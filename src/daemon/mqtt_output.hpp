// The MQTT output with what it stands on, so that it can be made anew while the daemon runs. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "config/config.hpp"
#include "daemon/output_group.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"
#include "mqtt/connection.hpp"
#include "mqtt/publisher.hpp"
#include "mqtt/state_store.hpp"

namespace rbamp::daemon {

class MqttOutput {
 public:
  struct Environment {
    loop::Scheduler& scheduler;
    metering::FleetControl& fleet;
    metering::SettingControl& settings;
    mqtt::StateStore& texts;
    OutputGroup& outputs;
    log::Logger& log;
  };
  /// `announce` tells a new output what is known: modules, registers, the daemon's state. All references must outlive this object.
  MqttOutput(Environment environment, std::function<void(metering::Output&)> announce)
      : env_(environment), announce_(std::move(announce)) {}

  /// Nothing without [mqtt]. A password or certificate that cannot be read is logged; metering is worth more than the broker.
  void build(const config::Config& config);
  void start();
  /// Says farewell on the old connection, then begins anew with the changed configuration. Destroying a Paho client may hold the
  /// loop for 300 ms at most; windows that are missed meanwhile are known as missed.
  void replace(const config::Config& config);
  /// Password and certificates as the files hold them now; nothing when they are what they were.
  void refresh();
  /// The last thing: farewell, then `done` (after at most mqtt::Publisher::stop_limit).
  void stop(std::function<void()> done);
  void destroy();

  /// Null without MQTT.
  [[nodiscard]] const mqtt::Publisher* publisher() const { return publisher_.get(); }
  [[nodiscard]] mqtt::Publisher* publisher() { return publisher_.get(); }

 private:
  void replaced();

  Environment env_;
  std::function<void(metering::Output&)> announce_;
  std::unique_ptr<mqtt::Connection> connection_;
  std::unique_ptr<mqtt::Publisher> publisher_;
  std::optional<config::Config> next_;  ///< while the old one says farewell
  std::function<void()> stopped_;       ///< stop() came meanwhile
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
