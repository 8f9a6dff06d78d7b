// A private bus, the loop, a fake daemon, the service, and somebody who asks it.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "caller.hpp"
#include "dbus/service.hpp"
#include "private_bus.hpp"
#include "support/memory_sink.hpp"
#include "support/timed_loop.hpp"
#include "unit/dbus/fake_control.hpp"

namespace rbamp::dbus {

inline constexpr UtcTime some_time{std::chrono::seconds{1767603600}};  // 2026-01-05T09:00:00Z
inline constexpr Microseconds live_interval = std::chrono::milliseconds{300};

[[nodiscard]] inline metering::ModuleDescription mains() {
  metering::ModuleDescription module;
  module.id = "mains";
  module.name = "Mains";
  module.role = metering::Role::grid;
  module.uid = *ModuleUid::parse("3a0041000f51353032363437");
  module.variant = "UI2";
  module.hardware_version = "2";
  module.firmware_version = "1.3";
  module.has_voltage = true;
  module.channels = {{ChannelIndex{0}, "house", "House"}, {ChannelIndex{1}, "garage", "Garage"}};
  return module;
}

[[nodiscard]] inline metering::Reading reading_of(const std::string& id, double power) {
  metering::Reading reading;
  reading.module_id = id;
  reading.utc = some_time;
  reading.voltage = Volts{230.5};
  metering::ChannelReading house;
  house.index = ChannelIndex{0};
  house.id = "house";
  house.current = Amperes{0.0};
  house.active_power = Watts{power};
  reading.channels.push_back(house);
  return reading;
}

[[nodiscard]] inline metering::CommittedModule registers_of(const std::string& id, std::int64_t import_uwh) {
  return {id, {}, {{"house", MicroWattHours{import_uwh}, MicroWattHours{5}, some_time}}};
}

struct BusWorld {
  PrivateBus bus;
  support::TimedLoop loop;
  support::MemorySink sink;
  log::Logger log{sink, log::Level::debug};
  FakeControl control;
  std::unique_ptr<Service> service;
  std::unique_ptr<Caller> caller;

  /// Everything but the caller; nothing is started.
  explicit BusWorld(std::string policies = {}) : bus(std::move(policies)) {
    control.state.started = some_time;
    service = std::make_unique<Service>(*loop, control, log, Service::Settings{"1.2.3", bus.address(), live_interval});
  }
  /// With the service on the bus, and somebody to ask it.
  [[nodiscard]] static std::unique_ptr<BusWorld> running() {
    auto world = std::make_unique<BusWorld>();
    world->bus.start();
    world->service->start();
    world->until([&] { return world->service->is_on_the_bus(); });
    world->caller = std::make_unique<Caller>(world->bus.address());
    return world;
  }

  /// Runs the loop, and whoever asks, until the condition holds.
  template <class Condition>
  void until(Condition condition) {
    loop.run_until([&] {
      if (caller) caller->poll();
      return condition();
    });
  }
  void run_for(Microseconds time) {
    const auto end = loop->clock().boot_now() + time;
    until([&] { return loop->clock().boot_now() >= end; });
  }

  [[nodiscard]] std::string wait(const std::shared_ptr<const Answer>& answer) {
    until([&] { return answer->is_there; });
    return answer->text;
  }
  template <class... Args>
  [[nodiscard]] std::string call(const Call& what, const char* types = "", Args... args) {
    return wait(caller->begin(what, types, args...));
  }
  [[nodiscard]] std::string get(const std::string& property) { return get("/org/rbampd1", "org.rbampd1.Manager", property); }
  [[nodiscard]] std::string of_module(const std::string& module, const std::string& property) {
    return get("/org/rbampd1/module/" + module, "org.rbampd1.Module", property);
  }
  [[nodiscard]] std::string get(const std::string& path, const std::string& interface, const std::string& property) {
    return call({path, "org.freedesktop.DBus.Properties", "Get"}, "ss", interface.c_str(), property.c_str());
  }

  /// To what is signalled from now on: an answer comes after all that was signalled before it.
  void listen(const std::string& rule) {
    (void)get("Version");
    caller->listen(rule);
  }

  /// Runs what blocks on a thread of its own while the loop goes on.
  template <class Function>
  auto away(Function function) {
    auto result = std::async(std::launch::async, std::move(function));
    until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    return result.get();
  }
};

[[nodiscard]] inline bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

}  // namespace rbamp::dbus
