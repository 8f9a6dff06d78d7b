#include "mqtt/discovery.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "house.hpp"
#include "mqtt/discovery_diff.hpp"
#include "mqtt/planned_modules.hpp"
#include "support/catch.hpp"
#include "support/mqtt_home_assistant.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using nlohmann::json;

namespace {

const Topics topics{"rbamp", "homeassistant"};
const Origin origin{"0.1.0"};

std::string read(const std::string& name) {
  std::ifstream file{std::string{RBAMP_SOURCE_DIR} + "/tests/data/discovery/" + name};
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

/// The stored file is the message, indented for people. On a difference what we make now is left beside the test program.
void check_golden(const std::string& name, const std::string& payload) {
  CAPTURE(name);
  const std::string stored = read(name);
  if (stored != json::parse(payload).dump(1) + "\n") {
    const std::filesystem::path folder = std::filesystem::path{RBAMP_BINARY_DIR} / "discovery";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / name} << json::parse(payload).dump(1) << "\n";
    FAIL("differs from tests/data/discovery; what is made now: " << (folder / name).string());
  }
  CHECK(payload == json::parse(stored).dump());
}

std::string message_of(const metering::ModuleDescription& module) { return to_payload(describe_module(topics, origin, module)); }

}  // namespace

TEST_CASE("the daemon's message is the stored one") { check_golden("daemon.json", to_payload(describe_daemon(topics, origin))); }

TEST_CASE("each variant's message is the stored one") {
  const auto* variant = GENERATE("UI1", "UI2", "UI3", "I1", "I3");
  check_golden(std::string{variant} + ".json", message_of(module_of(variant, "mains", "Mains")));
}

TEST_CASE("the message of a module that nobody configured is the stored one, and repeats no name") {
  const std::string variant = GENERATE("UI1", "UI2");
  const auto plan = plan_modules({}, {{"met", module_of(variant, "met", "Met")}});
  REQUIRE(plan.modules.size() == 1);
  check_golden("default_" + variant + ".json", message_of(plan.modules.begin()->second));
}

TEST_CASE("what a channel's name repeats of the device's is left out of names and suggested ids, and of no identity") {
  auto module = module_of("UI3", "mains", "Mains");
  module.has_demand = true;
  module.channels[0].name = "Mains";
  module.channels[1].name = "Mains L2";
  module.channels[2].name = "Mainsail";
  const auto components = json::parse(message_of(module))["components"];
  CHECK(components["ch0_power"]["name"] == "Power");
  CHECK(components["ch0_power"]["default_entity_id"] == "sensor.mains_power");
  CHECK(components["ch0_power"]["unique_id"] == "rbamp_mains_ch0_power");
  CHECK(components["ch0_energy_import"]["name"] == "Energy import");
  CHECK(components["ch0_energy_import"]["default_entity_id"] == "sensor.mains_energy_import");
  CHECK(components["ch0_demand_peak"]["name"] == "Demand peak of the month");
  CHECK(components["ch0_ct"]["name"] == "CT model");
  CHECK(components["ch0_ct"]["default_entity_id"] == "select.mains_ct_model");
  CHECK(components["ch1_power"]["name"] == "L2 power");
  CHECK(components["ch1_power"]["default_entity_id"] == "sensor.mains_l2_power");
  CHECK(components["ch2_power"]["name"] == "Mainsail power");
  CHECK(components["ch2_power"]["default_entity_id"] == "sensor.mains_mainsail_power");
  std::set<std::string> names;
  std::set<std::string> ids;
  for (const auto& component : components) {
    CHECK(names.insert(component["name"].get<std::string>()).second);
    CHECK(ids.insert(component["default_entity_id"].get<std::string>()).second);
  }
  module.name = "Wärmepumpe";
  module.channels[1].name = "Wärmepumpe 2";
  const auto message = json::parse(message_of(module));
  CHECK(message["components"]["ch1_power"]["name"] == "2 power");
  CHECK(message["components"]["ch1_power"]["default_entity_id"] == "sensor.mains_2_power");
}

TEST_CASE("a fleet of three is the stored one") {
  auto mains = module_of("UI3", "mains", "Mains");
  for (std::size_t i = 0; i < 3; ++i) mains.channels[i].name = "L" + std::to_string(i + 1);
  auto pump = module_of("UI1", "heat-pump", "Wärmepumpe");
  pump.uid = *ModuleUid::parse("1f002a000b47393233363832");
  pump.channels[0] = {ChannelIndex{0}, "compressor", "Verdichter"};
  auto tenants = module_of("I3", "tenants", "Tenants");
  tenants.uid = *ModuleUid::parse("1f002a000b47393233363833");
  check_golden("fleet_mains.json", message_of(mains));
  check_golden("fleet_heat-pump.json", message_of(pump));
  check_golden("fleet_tenants.json", message_of(tenants));
}

TEST_CASE("a renamed module keeps its identity") {
  auto module = module_of("UI1", "mains", "Mains");
  const auto before = message_of(module);
  module.name = "House";
  module.channels[0].name = "Everything";
  const auto after = message_of(module);
  check_golden("renamed.json", after);
  for (const auto& change : compare({{"rbamp_mains", before}}, {{"rbamp_mains", after}})) {
    INFO(to_string(change));
    const bool is_update =
        change.kind == DiscoveryChange::Kind::device_changed || change.kind == DiscoveryChange::Kind::entity_changed;
    CHECK(is_update);
  }
}

TEST_CASE("the bridge of the worked example is reproduced") {
  const json example = json::parse(read("worked_example_rbamp.json"));
  CHECK(json::parse(to_payload(describe_daemon(topics, origin))) == example);
}

TEST_CASE("the module of the worked example is reproduced, but for the components that nobody serves yet") {
  json example = json::parse(read("worked_example_rbamp_workshop.json"));
  for (const auto* later : {"firmware", "outage"}) REQUIRE(example["components"].erase(later) == 1);
  auto made = json::parse(message_of(workshop()));
  // The range is that of the hardware, there is a threshold of power too, and each clamp has a current transformer of its own.
  for (const auto* key : {"max", "step", "value_template"}) {
    example["components"]["threshold"].erase(key);
    made["components"]["threshold"].erase(key);
  }
  REQUIRE(made["components"].erase("threshold_power") == 1);
  REQUIRE(example["components"].erase("ct") == 1);
  for (const auto* key : {"lights_ct", "sockets_ct"}) {
    CHECK(made["components"][key]["platform"] == "select");
    REQUIRE(made["components"].erase(key) == 1);
  }
  // Which events there are is ours to say.
  CHECK(made["components"]["events"]["event_types"].size() == metering::event_kinds);
  example["components"]["events"]["event_types"] = made["components"]["events"]["event_types"];
  CHECK(made == example);
}

TEST_CASE("the same description gives the same bytes, and keys are sorted") {
  const auto payload = message_of(workshop());
  CHECK(payload == message_of(workshop()));
  CHECK(payload == json::parse(payload).dump());
}

TEST_CASE("Home Assistant takes every message without a complaint") {
  support::HomeAssistant home;
  home.receive("homeassistant/device/rbamp/config", to_payload(describe_daemon(topics, origin)));
  for (const auto* variant : {"UI1", "UI2", "UI3", "I1", "I2", "I3"}) {
    const auto document = describe_module(topics, origin, module_of(variant, std::string{"x"} + variant, variant));
    home.receive(topics.discovery(document.object_id), to_payload(document));
  }
  CHECK(home.complaints().empty());
}

TEST_CASE("a module without a voltage input has currents and diagnostics only") {
  const auto document = describe_module(topics, origin, module_of("I2", "sub", "Sub"));
  std::set<std::string> keys;
  for (const auto& [key, component] : document.components) keys.insert(key);
  CHECK(keys == std::set<std::string>{"ch0_ct", "ch0_current", "ch1_ct", "ch1_current", "events", "last_read", "reach", "restart",
                                      "threshold"});
}

TEST_CASE("a module that is metered with the voltage of another one has energy, and no power that would look measured") {
  auto module = module_of("I1", "sub", "Sub");
  module.is_estimated = true;
  const auto document = describe_module(topics, origin, module);
  CHECK(document.components.contains("ch0_energy_import"));
  CHECK(document.components.contains("ch0_energy_export"));
  CHECK_FALSE(document.components.contains("ch0_power"));
  CHECK_FALSE(document.components.contains("ch0_pf"));
}

TEST_CASE("a full fleet stays small enough for any broker") {
  std::size_t total = 0;
  for (int i = 0; i < 16; ++i) {
    auto module = module_of("UI3", "module-with-a-long-name-" + std::to_string(i), "A module whose owner likes long names");
    for (auto& channel : module.channels) channel.name = "A channel whose owner likes long names";
    const auto size = message_of(module).size();
    CHECK(size <= 64 * 1024);
    total += size;
  }
  std::size_t usual = 0;
  for (int i = 0; i < 16; ++i) {
    auto module = module_of("UI3", "module" + std::to_string(i), "Module " + std::to_string(i));
    module.has_demand = i == 0;  // the one at the grid
    usual += message_of(module).size();
  }
  CHECK(usual + to_payload(describe_daemon(topics, origin)).size() <= 200'000);
  CHECK(total <= 16 * 64 * 1024);
}

TEST_CASE("names that are no text at all do not break the message") {
  auto module = module_of("UI1", "mains", "\xff\xfe broken \n\"quoted\"");
  module.channels[0].name = std::string{"\0x", 2};
  const auto message = json::parse(message_of(module));
  CHECK(message["device"]["name"].get<std::string>().find("quoted") != std::string::npos);
  CHECK(message["components"]["voltage"]["default_entity_id"] == "sensor.mains_voltage");
}

TEST_CASE("a name in another script suggests ids made of the module's id") {
  auto module = module_of("UI1", "heat-pump", "Wärmepumpe");
  module.channels[0] = {ChannelIndex{0}, "c1", "Компрессор"};
  const auto message = json::parse(message_of(module));
  CHECK(message["components"]["c1_power"]["default_entity_id"] == "sensor.heat_pump_c1_power");
  CHECK(message["components"]["c1_power"]["name"] == "Компрессор power");
}

TEST_CASE("missing names fall back to ids") {
  auto module = module_of("UI1", "mains", "");
  module.channels[0].name.clear();
  const auto message = json::parse(message_of(module));
  CHECK(message["device"]["name"] == "mains");
  CHECK(message["components"]["ch0_power"]["name"] == "ch0 power");
}

TEST_CASE("a second daemon with another base topic shares nothing with the first") {
  const Topics cellar{"house/keller.1", "homeassistant"};
  const auto document = describe_daemon(cellar, origin);
  CHECK(document.object_id == "house_keller_1");
  const auto message = json::parse(to_payload(document));
  CHECK(message["device"]["name"] == "rbampd house/keller.1");
  CHECK(message["components"]["started"]["unique_id"] == "house_keller_1_started");
  CHECK(message["state_topic"] == "house/keller.1/state");
}

TEST_CASE("the channel ids that would collide within a module are those that the configuration refuses, and no others") {
  const auto with_channels = [](const std::string& one, const std::string& other) {
    auto module = module_of("UI2", "mains", "Mains");
    module.has_demand = true;
    module.channels[0].id = one;
    module.channels[1].id = other;
    return describe_module(topics, origin, module);
  };
  const auto usual = with_channels("a", "b");
  // What could follow on another channel's id, and what could be a channel's id by itself.
  std::set<std::string> words;
  for (const auto& [key, component] : usual.components) {
    for (std::string text : {key, component.unique_id}) {
      for (const std::string front : {"rbamp_mains_", "a_", "b_"}) {
        if (text.starts_with(front)) text.erase(0, front.size());
      }
      for (auto end = text.find('_'); end != std::string::npos; end = text.find('_', end + 1)) words.insert(text.substr(0, end));
      words.insert(text);
    }
  }
  REQUIRE(words.contains("reactive"));
  REQUIRE(words.contains("energy_import"));
  std::set<std::string> colliding;
  for (const auto& word : words) {
    for (const std::string& other : {word, "a_" + word}) {
      const auto document = with_channels("a", other);
      const bool is_fine = document.components.size() == usual.components.size() &&
                           repeated_unique_ids({{document.object_id, to_payload(document)}}).empty();
      if (!is_fine) colliding.insert(other);
    }
  }
  CHECK(colliding == std::set<std::string>{"a_reactive", "threshold"});
}

TEST_CASE("module and channel ids that join to the same unique id are found") {
  auto one = module_of("UI1", "a", "One");
  one.channels[0].id = "b_c";
  auto other = module_of("UI1", "a_b", "Other");
  other.channels[0].id = "c";
  const auto repeated = repeated_unique_ids({{"rbamp_a", message_of(one)}, {"rbamp_a_b", message_of(other)}});
  CHECK(std::find(repeated.begin(), repeated.end(), "sensor rbamp_a_b_c_power") != repeated.end());
  CHECK(repeated_unique_ids({{"rbamp_a", message_of(one)}, {"rbamp_w", message_of(workshop())}}).empty());
}
