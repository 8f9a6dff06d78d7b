// What everyone can read, and what is signalled when it changes.
#include <algorithm>

#include "bus_world.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

constexpr const char* changes = "type='signal',sender='org.rbampd1',member='PropertiesChanged'";
constexpr const char* comings = "type='signal',sender='org.rbampd1',interface='org.freedesktop.DBus.ObjectManager'";

std::size_t count(const std::vector<std::string>& texts, const std::string& words) {
  return static_cast<std::size_t>(
      std::count_if(texts.begin(), texts.end(), [&](const std::string& text) { return has(text, words); }));
}

TEST_CASE("the manager says what the daemon is and how it is") {
  auto world = BusWorld::running();
  CHECK(world->get("Version") == "'1.2.3'");
  CHECK(world->get("State") == "'healthy'");
  CHECK(world->get("Problem") == "''");
  CHECK(world->get("StartedUsec") == "1767603600000000");
  CHECK(world->get("Modules") == "[]");
  CHECK(world->get("ModulesOnline") == "0");
  CHECK(world->get("BusErrors") == "0");
  CHECK(has(world->get("Nonsense"), "org.freedesktop.DBus.Error.UnknownProperty"));
}

TEST_CASE("a changed state is signalled once, and bus errors not more often than live values") {
  auto world = BusWorld::running();
  world->listen(changes);
  world->control.state.health = Health::degraded;
  world->control.state.problem = "the broker is away";
  for (std::uint64_t errors = 1; errors <= 20; ++errors)
    world->service->daemon_state({some_time, 1, errors, "the broker is away"});
  world->until([&] { return count(world->caller->signals, "BusErrors") > 0; });
  world->run_for(live_interval);
  CHECK(count(world->caller->signals, "'State': 'degraded'") == 1);
  CHECK(count(world->caller->signals, "'Problem': 'the broker is away'") == 1);
  CHECK(count(world->caller->signals, "'ModulesOnline': 1") == 1);
  CHECK(count(world->caller->signals, "BusErrors") == 1);
  CHECK(count(world->caller->signals, "'BusErrors': 20") == 1);
  CHECK(world->get("State") == "'degraded'");
  CHECK(world->get("BusErrors") == "20");
}

TEST_CASE("what is read is the newest, and signalled when the daemon looks again, though no other value has changed") {
  auto world = BusWorld::running();
  world->service->daemon_state({some_time, 1, 0, ""});
  world->listen(changes);
  world->control.state.health = Health::failed;
  world->control.state.problem = "the disk hangs";
  CHECK(world->get("State") == "'failed'");
  CHECK(world->get("Problem") == "'the disk hangs'");
  world->service->look_at_health();
  world->until([&] { return count(world->caller->signals, "'State': 'failed'") > 0; });
  world->service->look_at_health();
  world->run_for(live_interval);
  CHECK(count(world->caller->signals, "'State'") == 1);
  CHECK(count(world->caller->signals, "'Problem': 'the disk hangs'") == 1);
}

TEST_CASE("a module is an object that says what it is") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->service->set_reachable("mains", true);
  CHECK(world->get("Modules") == "['/org/rbampd1/module/mains']");
  CHECK(world->of_module("mains", "Id") == "'mains'");
  CHECK(world->of_module("mains", "Name") == "'Mains'");
  CHECK(world->of_module("mains", "Role") == "'grid'");
  CHECK(world->of_module("mains", "Uid") == "'3a0041000f51353032363437'");
  CHECK(world->of_module("mains", "Variant") == "'UI2'");
  CHECK(world->of_module("mains", "HardwareVersion") == "'2'");
  CHECK(world->of_module("mains", "FirmwareVersion") == "'1.3'");
  CHECK(world->of_module("mains", "HasVoltage") == "true");
  CHECK(world->of_module("mains", "Reachable") == "true");
  CHECK(world->of_module("mains", "Channels") ==
        "{'garage': {'Index': 1, 'Name': 'Garage'}, 'house': {'Index': 0, 'Name': 'House'}}");
}

TEST_CASE("live values have their units in their names, and what is not known is left out") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  CHECK(world->of_module("mains", "Live") == "{}");
  CHECK(world->of_module("mains", "LiveChannels") == "{}");
  world->service->live(reading_of("mains", -1204.5));
  CHECK(world->of_module("mains", "Live") == "{'AtUsec': 1767603600000000, 'VoltageV': 230.5}");
  CHECK(world->of_module("mains", "LiveChannels") == "{'house': {'CurrentA': 0, 'PowerW': -1204.5}}");
  auto full = reading_of("mains", 100);
  full.frequency = Hertz{50.02};
  full.channels[0].reactive_power = Vars{-3};
  full.channels[0].power_factor = PowerFactor{0.98};
  full.channels[0].ruler_ratio = 1.25;
  world->service->live(full);
  CHECK(has(world->of_module("mains", "Live"), "'FrequencyHz': 50.02"));
  CHECK(world->of_module("mains", "LiveChannels") ==
        "{'house': {'CurrentA': 0, 'PowerFactor': 0.98, 'PowerW': 100, 'ReactivePowerVar': -3, 'RulerRatio': 1.25}}");
}

TEST_CASE("registers are exact, and signalled with each commit") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->listen(changes);
  world->service->committed(registers_of("mains", 48'213'700'000'001));
  world->until([&] { return !world->caller->signals.empty(); });
  const std::string expected =
      "{'house': {'ExportKwh': 5e-09, 'ExportUwh': 5, 'ImportKwh': 48213.700000001, 'ImportUwh': 48213700000001, "
      "'SinceUsec': 1767603600000000}}";
  CHECK(world->of_module("mains", "Registers") == expected);
  CHECK(world->caller->signals[0] ==
        "PropertiesChanged of /org/rbampd1/module/mains: 'org.rbampd1.Module', {'Registers': " + expected + "}, []");
}

TEST_CASE("live values are signalled at most once per interval, and then the newest") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->listen(changes);
  const auto begin = world->loop->clock().boot_now();
  double power = 0;
  world->until([&] {
    world->service->live(reading_of("mains", ++power));
    return world->loop->clock().boot_now() - begin > 4 * live_interval;
  });
  const auto time = world->loop->clock().boot_now() - begin;
  const auto signals = count(world->caller->signals, "'Live': ");
  CHECK(power > 20);
  CHECK(signals >= 1);
  CHECK(signals <= static_cast<std::size_t>(time / live_interval));
  world->caller->signals.clear();
  world->service->live(reading_of("mains", 4711));
  world->until([&] { return count(world->caller->signals, "'PowerW': 4711") == 1; });
  world->run_for(2 * live_interval);
  CHECK(count(world->caller->signals, "'Live': ") <= 2);  // one may have been under way
}

TEST_CASE("a module that is not reachable shows no live values, and says so at once") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->service->set_reachable("mains", true);
  world->service->live(reading_of("mains", 100));
  world->listen(changes);
  world->service->set_reachable("mains", false);
  world->until([&] { return !world->caller->signals.empty(); });
  CHECK(has(world->caller->signals[0], "'Reachable': false"));
  CHECK(has(world->caller->signals[0], "'Live': {}"));
  CHECK(has(world->caller->signals[0], "'LiveChannels': {}"));
  CHECK(world->of_module("mains", "LiveChannels") == "{}");
  world->run_for(2 * live_interval);
  CHECK(world->caller->signals.size() == 1);
}

TEST_CASE("modules come and go as objects of the ObjectManager") {
  auto world = BusWorld::running();
  world->listen(comings);
  auto roof = mains();
  roof.id = "pv-roof";
  world->service->describe(mains());
  world->service->describe(roof);
  world->until([&] { return world->caller->signals.size() == 2; });
  CHECK(has(world->caller->signals[1], "InterfacesAdded of /org/rbampd1: '/org/rbampd1/module/pv_2droof'"));
  CHECK(has(world->caller->signals[1], "'org.rbampd1.Module': {"));
  const auto objects = world->call({"/org/rbampd1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"});
  CHECK(has(objects, "'/org/rbampd1/module/mains': {"));
  CHECK(has(objects, "'Id': 'pv-roof'"));

  world->service->removed("mains");
  world->until([&] { return world->caller->signals.size() == 3; });
  CHECK(has(world->caller->signals[2], "InterfacesRemoved of /org/rbampd1: '/org/rbampd1/module/mains'"));
  CHECK(world->get("Modules") == "['/org/rbampd1/module/pv_2droof']");
  CHECK(has(world->of_module("mains", "Name"), "org.freedesktop.DBus.Error.UnknownObject"));
}

TEST_CASE("a changed description signals what changed and nothing else") {
  auto world = BusWorld::running();
  world->service->describe(mains());
  world->listen(changes);
  auto renamed = mains();
  renamed.name = "Grid";
  renamed.channels[1].name = "Car";
  world->service->describe(mains());  // the same again: nothing to say
  world->service->describe(renamed);
  world->until([&] { return !world->caller->signals.empty(); });
  REQUIRE(world->caller->signals.size() == 1);
  CHECK(has(world->caller->signals[0], "'Name': 'Grid'"));
  CHECK(has(world->caller->signals[0], "'Car'"));
  CHECK_FALSE(has(world->caller->signals[0], "Role"));
}

TEST_CASE("what is told about a module that nobody described is passed by") {
  auto world = BusWorld::running();
  world->service->live(reading_of("nobody", 1));
  world->service->committed(registers_of("nobody", 1));
  world->service->set_reachable("nobody", true);
  world->service->removed("nobody");
  CHECK(world->get("Modules") == "[]");
}

}  // namespace
}  // namespace rbamp::dbus
