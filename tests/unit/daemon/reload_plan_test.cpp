// What a changed configuration means for a daemon that runs.
#include "daemon/reload_plan.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using daemon::plan_reload;

namespace {

config::Config parsed(const std::string& text) {
  auto loaded = config::parse(text, "test.toml");
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
  REQUIRE(loaded.problems.empty());
  return std::move(loaded.config);
}

const std::string base =
    "[daemon]\nperiod = \"60s\"\n[mqtt]\nbroker = \"mqtt://a\"\n[[bus]]\nname = \"main\"\n"
    "[[module]]\nid = \"mains\"\naddress = 0x50\nname = \"Mains\"\n";

}  // namespace

TEST_CASE("the same configuration changes nothing") {
  const auto plan = plan_reload(parsed(base), parsed("# a comment\n" + base));
  CHECK(plan.is_empty());
  CHECK(plan.effective == parsed(base));
}

TEST_CASE("modules, period and the interval of live values are for the fleet, without a new connection but for the interval") {
  const auto renamed = plan_reload(parsed(base), parsed(base + "[[module]]\nid = \"car\"\naddress = 0x51\n"));
  CHECK(renamed.changes_fleet);
  CHECK_FALSE(renamed.changes_mqtt);
  CHECK(renamed.needs_restart.empty());
  CHECK(renamed.effective.modules.size() == 2);

  auto slower = parsed(base);
  slower.daemon.period = std::chrono::seconds{10};
  CHECK(plan_reload(parsed(base), slower).changes_fleet);

  auto quieter = parsed(base);
  quieter.mqtt->live_interval = std::chrono::seconds{30};
  const auto plan = plan_reload(parsed(base), quieter);
  CHECK(plan.changes_fleet);
  CHECK(plan.changes_mqtt);
}

TEST_CASE("another broker, or none, makes the connection anew") {
  auto moved = parsed(base);
  moved.mqtt->broker = "mqtt://b";
  CHECK(plan_reload(parsed(base), moved).changes_mqtt);
  CHECK_FALSE(plan_reload(parsed(base), moved).changes_fleet);
  auto without = parsed(base);
  without.mqtt.reset();
  CHECK(plan_reload(parsed(base), without).changes_mqtt);
  auto prefix = parsed(base);
  prefix.homeassistant.prefix = "ha";
  CHECK(plan_reload(parsed(base), prefix).changes_mqtt);
}

TEST_CASE("log level and retention are applied by themselves") {
  auto wanted = parsed(base);
  wanted.daemon.log_level = config::LogLevel::debug;
  CHECK(plan_reload(parsed(base), wanted).changes_log_level);
  wanted.storage.raw_retention = std::chrono::hours{24};
  const auto plan = plan_reload(parsed(base), wanted);
  CHECK(plan.changes_retention);
  CHECK(plan.needs_restart.empty());
  CHECK(plan.effective.storage.raw_retention == std::chrono::hours{24});
}

TEST_CASE("what needs a restart is named and stays as it is") {
  auto wanted = parsed(base);
  wanted.daemon.timezone = "Europe/Berlin";
  wanted.storage.path = "/elsewhere/energy.db";
  wanted.buses[0].device = "/dev/i2c-7";
  wanted.buses[0].latch = config::LatchMode::sequential;
  wanted.buses.push_back({});
  wanted.buses.back().name = "roof";
  const auto plan = plan_reload(parsed(base), wanted);
  CHECK(plan.needs_restart == std::vector<std::string>{"daemon.timezone", "storage.path",
                                                       "[[bus]] \"main\" (driver, device, drdy)", "[[bus]] \"roof\" (new)"});
  CHECK(plan.effective.daemon.timezone == "system");
  CHECK(plan.effective.storage.path == parsed(base).storage.path);
  REQUIRE(plan.effective.buses.size() == 1);
  CHECK(plan.effective.buses[0].device == "/dev/i2c-1");
  CHECK(plan.effective.buses[0].latch == config::LatchMode::sequential);
  CHECK(plan.changes_fleet);
  CHECK_FALSE(plan.changes_retention);

  auto fewer = parsed(base);
  fewer.buses.clear();
  CHECK(plan_reload(parsed(base), fewer).needs_restart == std::vector<std::string>{"[[bus]] \"main\" (removed)"});
}

TEST_CASE("a line of a module's own stays with the module that had it at the start") {
  auto running = parsed(base);
  running.modules.resize(2);
  running.modules[0].id = "mains";
  running.modules[0].drdy = config::DrdyLine{"gpiochip0", 15, ""};
  running.modules[1].id = "roof";
  CHECK(plan_reload(running, running).needs_restart.empty());
  auto wanted = running;
  wanted.modules[0].drdy->offset = 16;
  wanted.modules[1].drdy = config::DrdyLine{"gpiochip0", 17, ""};
  auto plan = plan_reload(running, wanted);
  CHECK(plan.needs_restart == std::vector<std::string>{"[[module]] \"mains\" (drdy)", "[[module]] \"roof\" (drdy)"});
  CHECK(plan.effective.modules == running.modules);
  wanted = running;
  wanted.modules[0].address = I2cAddress{0x60};
  CHECK(plan_reload(running, wanted).needs_restart == std::vector<std::string>{"[[module]] \"mains\" (drdy)"});
}

TEST_CASE("what was left out for a restart is named again at the next reload") {
  auto wanted = parsed(base);
  wanted.daemon.timezone = "Europe/Berlin";
  const auto first = plan_reload(parsed(base), wanted);
  CHECK(plan_reload(first.effective, wanted).needs_restart == std::vector<std::string>{"daemon.timezone"});
}
