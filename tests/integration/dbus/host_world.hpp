// A private bus, the loop, and one of the host's services on the bus, which may be away.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dbus/host_events.hpp"
#include "private_bus.hpp"
#include "support/memory_sink.hpp"
#include "support/timed_loop.hpp"

namespace rbamp::dbus {

template <class Service>
struct HostWorld {
  PrivateBus bus;
  support::TimedLoop loop;
  support::MemorySink sink;
  log::Logger log{sink, log::Level::debug};
  std::unique_ptr<Service> service;  ///< null: away
  std::vector<std::string> told;
  std::unique_ptr<HostEvents> events;

  /// Runs the loop, and the service, until the condition holds.
  template <class Condition>
  void until(Condition condition) {
    loop.run_until([&] {
      if (service) service->poll();
      return condition();
    });
  }
  void run_for(Microseconds time) {
    const auto end = loop->clock().boot_now() + time;
    until([&] { return loop->clock().boot_now() >= end; });
  }
  void bring_service() { service = std::make_unique<Service>(bus.address()); }
};

}  // namespace rbamp::dbus
