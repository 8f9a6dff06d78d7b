#include "dbus/status_dictionary.hpp"

#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

Status full_status() {
  Status status;
  status.version = "0.1.0";
  status.started = UtcTime{Microseconds{1'767'603'600'000'001}};
  status.health = Health::degraded;
  status.problem = "the broker is away";
  status.clock_is_trusted = true;
  ModuleStatus module;
  module.id = "mains";
  module.name = "Mains";
  module.role = "grid";
  module.uid = "3a0041000f51353032363437";
  module.variant = "UI2";
  module.firmware_version = "1.3";
  module.bus = "main";
  module.address = I2cAddress{0x50};
  module.is_reachable = true;
  module.problem = "a window was missed";
  module.window_age = Microseconds{200'000};
  module.period_age = Microseconds{31'000'000};
  module.errors = 1;
  module.retries = 2;
  module.windows_seen = 3;
  module.windows_missed = 4;
  module.channels = {{"house", "House", MicroWattHours{48'213'700'000'001}, MicroWattHours{-1}, 0.97, 0.93},
                     {"pv", "PV", {}, {}, {}}};
  status.modules = {module, ModuleStatus{}};
  status.buses = {{"main", "i2c-dev", "/dev/i2c-1", true, "slow", 10, 20, 30, 40, "edges", Microseconds{95}, Microseconds{1200},
                   "two modules too many", 50},
                  BusStatus{}};
  status.ledger = {"/var/lib/rbampd/energy.db", 4096, UtcTime{Microseconds{5}}, 2, "full"};
  status.broker = {"online", "mqtt://localhost:1883"};
  return status;
}

TEST_CASE("a status goes over the bus whole") {
  const auto sent = full_status();
  const auto got = status_from(to_dictionary(sent));
  REQUIRE(got);
  CHECK(got->version == sent.version);
  CHECK(got->started == sent.started);
  CHECK(got->health == sent.health);
  CHECK(got->problem == sent.problem);
  CHECK(got->clock_is_trusted);
  REQUIRE(got->modules.size() == 2);
  const auto& module = got->modules[0];
  const auto& expected = sent.modules[0];
  CHECK(module.id == expected.id);
  CHECK(module.name == expected.name);
  CHECK(module.role == expected.role);
  CHECK(module.uid == expected.uid);
  CHECK(module.variant == expected.variant);
  CHECK(module.firmware_version == expected.firmware_version);
  CHECK(module.bus == expected.bus);
  CHECK(module.address == expected.address);
  CHECK(module.is_reachable);
  CHECK(module.problem == expected.problem);
  CHECK(module.window_age == expected.window_age);
  CHECK(module.period_age == expected.period_age);
  CHECK(module.errors == 1);
  CHECK(module.retries == 2);
  CHECK(module.windows_seen == 3);
  CHECK(module.windows_missed == 4);
  REQUIRE(module.channels.size() == 2);
  CHECK(module.channels[0].id == "house");
  CHECK(module.channels[0].name == "House");
  CHECK(module.channels[0].energy_import == MicroWattHours{48'213'700'000'001});
  CHECK(module.channels[0].energy_export == MicroWattHours{-1});
  CHECK(module.channels[0].ruler_ratio == 0.97);
  CHECK(module.channels[0].period_ruler_ratio == 0.93);
  REQUIRE(got->buses.size() == 2);
  const auto& bus = got->buses[0];
  CHECK(bus.name == "main");
  CHECK(bus.driver == "i2c-dev");
  CHECK(bus.device == "/dev/i2c-1");
  CHECK(bus.is_open);
  CHECK(bus.problem == "slow");
  CHECK(bus.transactions == 10);
  CHECK(bus.bytes == 20);
  CHECK(bus.retries == 30);
  CHECK(bus.errors == 40);
  CHECK(bus.drdy == "edges");
  CHECK(bus.overload == "two modules too many");
  CHECK(bus.edges_lost == 50U);
  CHECK(got->ledger.path == sent.ledger.path);
  CHECK(got->ledger.bytes == 4096);
  CHECK(got->ledger.last_commit == sent.ledger.last_commit);
  CHECK(got->ledger.backlog == 2);
  CHECK(got->ledger.problem == "full");
  CHECK(got->broker.state == "online");
  CHECK(got->broker.detail == "mqtt://localhost:1883");
}

TEST_CASE("what is absent stays absent") {
  const auto got = status_from(to_dictionary(full_status()));
  REQUIRE(got);
  CHECK_FALSE(got->modules[0].channels[1].energy_import);
  CHECK_FALSE(got->modules[0].channels[1].ruler_ratio);
  CHECK_FALSE(got->modules[0].channels[1].period_ruler_ratio);
  CHECK_FALSE(got->buses[1].edges_lost);
  CHECK_FALSE(got->modules[1].address);
  CHECK_FALSE(got->modules[1].window_age);
  CHECK_FALSE(got->modules[1].period_age);
  const auto empty = status_from(to_dictionary(Status{}));
  REQUIRE(empty);
  CHECK_FALSE(empty->ledger.last_commit);
  CHECK(empty->broker.state == "off");
}

TEST_CASE("an answer of another version is read as far as it is known") {
  const auto got = status_from({{"State", sdbus::Variant{std::string{"healthy"}}},
                                {"Problem", sdbus::Variant{std::uint64_t{7}}},
                                {"FromTheFuture", sdbus::Variant{std::string{"x"}}}});
  REQUIRE(got);
  CHECK(got->health == Health::healthy);
  CHECK(got->problem.empty());
}

TEST_CASE("an answer without a state that we know is not believed") {
  CHECK_FALSE(status_from({}));
  CHECK_FALSE(status_from({{"State", sdbus::Variant{std::string{"splendid"}}}}));
  CHECK_FALSE(status_from({{"State", sdbus::Variant{true}}}));
}

}  // namespace
}  // namespace rbamp::dbus
