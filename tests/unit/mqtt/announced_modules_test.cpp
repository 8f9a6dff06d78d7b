// What is remembered of announcements, and what a changed configuration makes of it.
#include "mqtt/announced_modules.hpp"

#include "config/config.hpp"
#include "mqtt/planned_modules.hpp"
#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;
using Kind = DiscoveryChange::Kind;

namespace {

config::Config parsed(const std::string& text) {
  auto loaded = config::parse("[mqtt]\n" + text, "test.toml");
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
  REQUIRE(loaded.problems.empty());
  return std::move(loaded.config);
}

const std::string workshop_toml =
    "[[module]]\nid = \"workshop\"\naddress = 0x50\nname = \"Workshop meter\"\n"
    "[[module.channel]]\nindex = 0\nid = \"lights\"\nname = \"Lights\"\n"
    "[[module.channel]]\nindex = 1\nid = \"sockets\"\nname = \"Sockets\"\n";

Announced announced_workshop() { return {"rbamp", "homeassistant", "0.1.0", {{"workshop", workshop()}}}; }

/// What Home Assistant would notice.
std::vector<DiscoveryChange> changes_by(const std::string& toml, const Announced& before = announced_workshop()) {
  const auto config = parsed(toml);
  Announced after{config.mqtt->base_topic, config.homeassistant.prefix, before.software_version, {}};
  after.modules = plan_modules(config, before.modules).modules;
  return compare(discovery_set(before, {}), discovery_set(after, {}));
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("what was announced is remembered to the letter, and a damaged memory is none") {
  auto announced = announced_workshop();
  announced.modules.emplace("sub", module_of("I3", "sub", "Wärme \xff"));
  const auto text = to_text(announced);
  const auto again = announced_from_text(text);
  REQUIRE(again);
  CHECK(to_text(*again) == text);
  CHECK(discovery_set(*again, {}) == discovery_set(announced, {}));
  for (const auto* broken :
       {"", "7", "{", R"({"version":2})", R"({"version":1})", R"({"version":1,"base_topic":"b","prefix":"p"})",
        R"({"version":"1","base_topic":"b","prefix":"p","modules":{}})"}) {
    CAPTURE(broken);
    CHECK_FALSE(announced_from_text(broken));
  }
  const auto without_broken_module =
      announced_from_text(R"({"version":1,"base_topic":"b","prefix":"p","modules":{"m":{"uid":"x"},"n":7}})");
  REQUIRE(without_broken_module);
  CHECK(without_broken_module->modules.empty());
}

TEST_CASE("the publisher remembers what it announced, over restarts, until a module is forgotten") {
  PublisherWorld world;
  world.settle();
  const auto key = DiscoveryDesk::remembered_keys[2];
  const auto stored = [&] { return announced_from_text(world.store.load(key).value_or("")); };
  REQUIRE(stored());
  CHECK(discovery_set(*stored(), {}) == world.publisher->discovery());
  world.kill();
  world.make();
  world.publisher->start();
  world.loop.run_for(10s);
  CHECK(stored()->modules.contains("workshop"));  // it is on the bench, perhaps
  REQUIRE(world.publisher->forget("workshop"));
  CHECK(stored()->modules.empty());
}

TEST_CASE("an adopted module is compared under its adopted identity") {
  const Adoptions adoptions{{"workshop", {"oldmeter", {{"voltage", {"u", "old_u"}}}}}};
  const auto set = discovery_set(announced_workshop(), adoptions);
  REQUIRE(set.contains("oldmeter"));
  CHECK(parse_components(set.at("oldmeter")).at("u").unique_id == "old_u");
}

TEST_CASE("the configuration that is in force changes nothing") { CHECK(changes_by(workshop_toml).empty()); }

TEST_CASE("a changed name updates, a changed id replaces, and it is said before") {
  const auto renamed = changes_by(replaced(workshop_toml, "\"Lights\"", "\"Lamps\""));
  CHECK(renamed.size() == 7);
  for (const auto& change : renamed) CHECK(change.kind == Kind::entity_changed);

  const auto moved = changes_by(replaced(workshop_toml, "id = \"lights\"", "id = \"lamps\""));
  CHECK(std::count_if(moved.begin(), moved.end(), [](const auto& c) { return c.kind == Kind::entity_removed; }) == 7);
  CHECK(std::count_if(moved.begin(), moved.end(), [](const auto& c) { return c.kind == Kind::entity_added; }) == 7);
  CHECK(std::any_of(moved.begin(), moved.end(), is_loss));

  // Another id for the place: the hardware is known by its address, so the new device is told in full.
  const auto other = changes_by(replaced(workshop_toml, "id = \"workshop\"", "id = \"shed\""));
  REQUIRE_FALSE(other.empty());
  CHECK(std::any_of(other.begin(), other.end(),
                    [](const auto& c) { return c.kind == Kind::device_left && c.object_id == "rbamp_workshop"; }));
  CHECK(std::any_of(other.begin(), other.end(),
                    [](const auto& c) { return c.kind == Kind::entity_added && c.component == "sockets_energy_import"; }));
}

TEST_CASE("another base topic is another meter for Home Assistant") {
  const auto changes = changes_by("base_topic = \"cellar\"\n" + workshop_toml);
  CHECK(std::any_of(changes.begin(), changes.end(), [](const auto& c) { return c.kind == Kind::device_left; }));
  CHECK(std::any_of(changes.begin(), changes.end(), [](const auto& c) { return c.object_id == "cellar_workshop"; }));
}

TEST_CASE("hardware is found by its pinned UID, else by its place, else by the id") {
  auto moved = workshop();
  moved.address = I2cAddress{0x60};
  const std::map<std::string, metering::ModuleDescription> known{{"workshop", moved}};
  const std::string pinned = replaced(workshop_toml, "address = 0x50", "address = 0x51\nuid = \"1f002a000b47393233363831\"");
  CHECK(plan_modules(parsed(pinned), known).modules.at("workshop").variant == "UI2");
  CHECK(plan_modules(parsed(workshop_toml), known).modules.contains("workshop"));  // by id: it moved
  const std::string stranger = replaced(pinned, "363831", "363899");
  CHECK(plan_modules(parsed(stranger), known).unknown == std::vector<std::string>{"workshop"});
  CHECK(plan_modules(parsed(workshop_toml), {}).unknown == std::vector<std::string>{"workshop"});
}

TEST_CASE("without configured modules each is announced under the name of its chip") {
  const auto plan = plan_modules(parsed(""), {{"workshop", workshop()}});
  REQUIRE(plan.modules.size() == 1);
  const auto& module = plan.modules.begin()->second;
  CHECK(module.id == default_module_id(workshop().uid));
  CHECK(module.channels.size() == 2);
  CHECK(module.channels[1].id == "ch1");
  auto label = module;
  label.name = "boiler";
  // One that was found by itself keeps the name that its label gave it, whatever else is remembered of the chip.
  const auto both = plan_modules(parsed(""), {{"workshop", workshop()}, {label.id, label}});
  CHECK(both.modules.size() == 1);
  CHECK(both.modules.at(label.id).name == "boiler");
}

TEST_CASE("demand belongs to modules of the roles that the configuration says") {
  auto config = parsed(replaced(workshop_toml, "address = 0x50", "address = 0x50\nrole = \"grid\""));
  CHECK(plan_modules(config, announced_workshop().modules).modules.at("workshop").has_demand);
  config.demand.scope = config::DemandScope::none;
  CHECK_FALSE(plan_modules(config, announced_workshop().modules).modules.at("workshop").has_demand);
}
