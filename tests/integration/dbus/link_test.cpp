// A bus that is missing, goes, comes back, hangs, or belongs to somebody else.
#include <chrono>

#include "bus_world.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

TEST_CASE("without a bus the daemon is told once, and the service comes when the bus does") {
  BusWorld world;
  world.service->start();
  world.service->describe(mains());
  world.until([&] { return world.sink.count(log::Level::warning) == 1; });
  CHECK(world.sink.contains("org.rbampd1 is not on the message bus"));
  world.run_for(std::chrono::milliseconds{1500});  // a second attempt fails in silence
  world.bus.start();
  world.until([&] { return world.service->is_on_the_bus(); });
  CHECK(world.sink.count(log::Level::warning) == 1);
  CHECK(world.sink.count(log::Level::info) == 1);
  world.caller = std::make_unique<Caller>(world.bus.address());
  CHECK(world.of_module("mains", "Name") == "'Mains'");
}

TEST_CASE("a bus that dies and comes back is one warning and one line, and shows what came meanwhile") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->service->committed(registers_of("mains", 1));
  CHECK(has(world->of_module("mains", "Registers"), "'ImportUwh': 1,"));
  world->caller.reset();
  world->bus.stop();
  world->until([&] { return !world->service->is_on_the_bus(); });
  world->service->committed(registers_of("mains", 2));
  world->service->live(reading_of("mains", 1));
  world->control.state.problem = "something";
  world->service->daemon_state({some_time, 1, 7, "something"});
  world->bus.start();
  world->until([&] { return world->service->is_on_the_bus(); });
  world->caller = std::make_unique<Caller>(world->bus.address());
  CHECK(has(world->of_module("mains", "Registers"), "'ImportUwh': 2,"));
  CHECK(world->get("Problem") == "'something'");
  CHECK(world->get("BusErrors") == "7");
  CHECK(world->sink.count(log::Level::warning) == 1);
  CHECK(world->sink.count(log::Level::info) == 1);
}

TEST_CASE("a name that another rbampd has is waited for") {
  BusWorld world;
  world.bus.start();
  world.caller = std::make_unique<Caller>(world.bus.address());
  world.caller->own("org.rbampd1");
  world.service->start();
  world.until([&] { return world.sink.count(log::Level::warning) == 1; });
  CHECK(world.sink.contains("another rbampd has this name"));
  CHECK_FALSE(world.service->is_on_the_bus());
  world.caller->disown("org.rbampd1");
  world.until([&] { return world.service->is_on_the_bus(); });
  CHECK(world.sink.count(log::Level::warning) == 1);
}

/// Registers that make a signal of 8 kB: some thousand fill whatever the kernel and libsystemd buffer (8 MB for root).
metering::CommittedModule bulky_registers(std::int64_t import_uwh) {
  return {"mains", {}, {{std::string(8000, 'x'), MicroWattHours{import_uwh}, MicroWattHours{}, some_time}}};
}
constexpr std::int64_t too_many = 4000;

TEST_CASE("a bus that does not read holds nobody up, and gets only the newest when it reads again") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->listen("type='signal',sender='org.rbampd1',member='PropertiesChanged'");
  world->bus.freeze();
  for (std::int64_t n = 1; n <= too_many; ++n) world->service->committed(bulky_registers(n));
  world->run_for(2 * live_interval);  // the loop goes on
  world->bus.thaw();
  const auto newest = "'ImportUwh': " + std::to_string(too_many) + ",";
  world->until([&] { return !world->caller->signals.empty() && has(world->caller->signals.back(), newest); });
  CHECK(world->caller->signals.size() < too_many / 2);
}

TEST_CASE("a service leaves a bus that does not read without waiting for it") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->bus.freeze();
  for (std::int64_t n = 1; n <= too_many; ++n) world->service->committed(bulky_registers(n));
  const auto begin = std::chrono::steady_clock::now();
  world->service.reset();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
  world->bus.thaw();
}

TEST_CASE("a service leaves a bus that hangs while it connects") {
  BusWorld world;
  world.bus.start();
  world.bus.freeze();
  world.service->start();
  world.run_for(std::chrono::milliseconds{200});
  CHECK_FALSE(world.service->is_on_the_bus());
  const auto begin = std::chrono::steady_clock::now();
  world.service.reset();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{3});
  world.bus.thaw();
}

}  // namespace
}  // namespace rbamp::dbus
