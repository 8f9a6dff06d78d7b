#include "daemon/mqtt_output.hpp"

#include <random>
#include <utility>

#include "daemon/version.hpp"
#include "log/message_ids.hpp"
#include "mqtt/paho_connection.hpp"

namespace rbamp::daemon {

void MqttOutput::build(const config::Config& config) {
  if (!config.mqtt) return;
  auto request = mqtt::connect_request(*config.mqtt, mqtt::Publisher::will(*config.mqtt));
  if (!request) {
    // The configuration was checked, so nobody should meet this; metering is worth more than the broker.
    env_.log.error("MQTT is off: " + request.error().detail, {}, log::message_id::mqtt_off);
    return;
  }
  connection_ = std::make_unique<mqtt::PahoConnection>(env_.scheduler);
  publisher_ = std::make_unique<mqtt::Publisher>(
      mqtt::PublisherOptions{*config.mqtt, config.homeassistant, std::string{version}, std::random_device{}()},
      std::move(*request), *connection_, env_.scheduler, mqtt::PublisherControls{env_.fleet, env_.settings}, env_.texts,
      env_.log);
  env_.outputs.add(*publisher_);
}

void MqttOutput::start() {
  if (publisher_) publisher_->start();
}

void MqttOutput::replace(const config::Config& config) {
  const bool is_under_way = next_.has_value();
  next_ = config;
  if (is_under_way) return;
  const auto done = [this] {
    // Not inside the old publisher's own call.
    env_.scheduler.post([this, guard = alive_.guard()] {
      if (!guard.expired()) replaced();
    });
  };
  if (publisher_) {
    publisher_->stop(done);
  } else {
    done();
  }
}

void MqttOutput::replaced() {
  const auto config = std::exchange(next_, std::nullopt);
  destroy();
  if (stopped_) {
    std::exchange(stopped_, nullptr)();
    return;
  }
  build(*config);
  if (!publisher_) return;
  announce_(*publisher_);
  publisher_->start();
}

void MqttOutput::refresh() {
  if (publisher_ && !next_) publisher_->refresh();
}

void MqttOutput::stop(std::function<void()> done) {
  if (next_) {
    stopped_ = std::move(done);
  } else if (publisher_) {
    publisher_->stop(std::move(done));
  } else {
    done();
  }
}

void MqttOutput::destroy() {
  if (publisher_) env_.outputs.remove(*publisher_);
  publisher_.reset();
  connection_.reset();
}

}  // namespace rbamp::daemon
