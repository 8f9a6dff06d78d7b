// What rbampctl expects of a configuration is what the fleet then tells Home Assistant.
#include "mqtt/planned_modules.hpp"

#include "daemon/fleet_plan.hpp"
#include "mqtt/announced_modules.hpp"
#include "support/catch.hpp"

using namespace rbamp;

namespace {

/// As a module describes itself that was found where this configuration says.
metering::ModuleDescription described(const config::Config& config, protocol::Variant variant) {
  const auto settings = daemon::bus_settings(config, config.buses.front());
  REQUIRE(settings.assignments.size() == 1);
  fleet::Module module{settings.assignments.front()};
  fleet::Identification found;
  found.identity.variant = variant;
  found.identity.uid = *ModuleUid::parse("1f002a000b47393233363831");
  found.dialect.variant = variant;
  found.sensor_class = protocol::SensorClass::sct_013;
  module.identified(std::move(found));
  auto description = module.describe();
  description.bus = settings.name;
  return description;
}

std::string text_of(const metering::ModuleDescription& module) {
  return mqtt::to_text({"rbamp", "homeassistant", "0.1.0", {{module.id, module}}});
}

}  // namespace

TEST_CASE("the plan of a configuration is what its modules describe") {
  const std::string channels =
      GENERATE("", "[[module.channel]]\nindex = 0\nid = \"l1\"\n",
               "[[module.channel]]\nindex = 2\nid = \"l3\"\nname = \"Third\"\n[[module.channel]]\nindex = 0\nid = \"l1\"\n");
  const std::string role = GENERATE("grid", "load");
  const std::string scope = GENERATE("none", "grid", "all");
  const auto variant = GENERATE(protocol::Variant::ui1, protocol::Variant::ui3, protocol::Variant::i2);
  const std::string text = "[demand]\nscope = \"" + scope +
                           "\"\n[[module]]\nid = \"mains\"\naddress = 0x51\nname = \"Mains\"\nrole = \"" + role + "\"\n" +
                           channels;
  CAPTURE(text);
  const auto loaded = config::parse(text, "test.toml");
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
  REQUIRE(loaded.problems.empty());
  const auto expected = described(loaded.config, variant);

  // Met before under another id, with other channels and names: only the hardware is taken from there.
  auto known = expected;
  known.id = "old";
  known.name = "Old";
  known.has_demand = !known.has_demand;
  known.channels = {{ChannelIndex{0}, "x", "X"}};
  const auto plan = mqtt::plan_modules(loaded.config, {{"old", known}});
  REQUIRE(plan.modules.contains("mains"));
  CHECK(text_of(plan.modules.at("mains")) == text_of(expected));
}
