// rbampctl homeassistant at a ledger that remembers what was announced. What needs a daemon is tried without one.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "desk.hpp"
#include "mqtt/announced_modules.hpp"

using namespace rbamp;
using namespace rbamp::support;

namespace {

metering::ModuleDescription mains() {
  metering::ModuleDescription module;
  module.id = "mains";
  module.name = "Mains";
  module.uid = *ModuleUid::parse("1f002a000b47393233363831");
  module.variant = "UI1";
  module.hardware_version = "1";
  module.firmware_version = "1.3";
  module.has_voltage = true;
  module.channels = {{ChannelIndex{0}, "house", "House"}};
  module.ct_models = {"SCT-013-030"};
  module.bus = "main";
  module.address = I2cAddress{0x50};
  return module;
}

const std::string in_force =
    "[mqtt]\n[[module]]\nid = \"mains\"\naddress = 0x50\nname = \"Mains\"\n"
    "[[module.channel]]\nindex = 0\nid = \"house\"\nname = \"House\"\n";

/// A ledger whose daemon has announced the mains, and rbampctl with a changed configuration.
class DiffDesk {
 public:
  DiffDesk() {
    desk_.open();
    REQUIRE(desk_.ledger->set_state("mqtt.homeassistant.modules",
                                    mqtt::to_text({"rbamp", "homeassistant", "0.1.0", {{"mains", mains()}}})));
  }
  Outcome diff(const std::string& config, const std::vector<std::string>& more = {}) {
    desk_.folder.write("new.toml", "[storage]\npath = \"" + desk_.ledger_path() + "\"\n" + config);
    std::vector<std::string> arguments{"homeassistant", "diff"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return desk_.run_with(arguments, {}, {"--config", desk_.folder.file("new.toml")});
  }
  Desk& desk() { return desk_; }

 private:
  Desk desk_;
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("the configuration that is in force does nothing to entities, also while the daemon has the ledger") {
  DiffDesk world;
  const auto outcome = world.diff(in_force);
  INFO(outcome.err << outcome.out);
  CHECK(outcome.status == 0);
  CHECK(outcome.says("Home Assistant will notice nothing."));
  CHECK(world.diff(in_force, {"--json"}).json().at("changes").empty());
}

TEST_CASE("a new name is an update, and good news") {
  DiffDesk world;
  const auto outcome = world.diff(replaced(in_force, "name = \"House\"", "name = \"Home\""));
  CHECK(outcome.status == 0);
  CHECK(outcome.says("~ rbamp_mains/house_power: entity is updated, history goes on ("));
  CHECK(outcome.says("name: \"House power\" -> \"Home power\""));
}

TEST_CASE("a new id costs entities, and that is bad news with a way out") {
  DiffDesk world;
  const auto channel = world.diff(replaced(in_force, "id = \"house\"", "id = \"home\""));
  CHECK(channel.status == 1);
  CHECK(channel.says("- rbamp_mains/house_power: entity is removed"));
  CHECK(channel.says("+ rbamp_mains/home_power: new entity"));

  const auto module = world.diff(replaced(in_force, "id = \"mains\"", "id = \"grid\""));
  CHECK(module.status == 1);
  CHECK(module.says("! rbamp_mains: device is no longer described"));
  CHECK(module.says("+ rbamp_grid/house_energy_import: new entity"));  // its hardware is known by its address
  CHECK(module.says("note: when \"mains\" is gone for good: rbampctl homeassistant forget mains"));

  const auto json = world.diff(replaced(in_force, "id = \"mains\"", "id = \"grid\""), {"--json"});
  CHECK(json.status == 1);
  CHECK(json.json().at("is_loss") == true);
  CHECK(json.json().at("changes").front().at("kind") == "device_added");
}

TEST_CASE("what nobody has met cannot be said, and two entities with one id are refused before Home Assistant does") {
  DiffDesk world;
  const auto unknown = world.diff(in_force + "[[module]]\nid = \"pool\"\naddress = 0x51\nname = \"Pool\"\n");
  CHECK(unknown.status == 0);
  CHECK(unknown.says("? pool: rbampd has not met this module yet"));

  auto garage = mains();
  garage.id = "garage";
  garage.address = I2cAddress{0x52};
  REQUIRE(world.desk().ledger->set_state(
      "mqtt.homeassistant.modules",
      mqtt::to_text({"rbamp", "homeassistant", "0.1.0", {{"mains", mains()}, {"garage", garage}}})));
  // Both took over the same entity of another program, one after the other.
  const mqtt::Adoptions adoptions{{"mains", {"oldmeter", {{"voltage", {"u", "old_u"}}}}},
                                  {"garage", {"othermeter", {{"voltage", {"u", "old_u"}}}}}};
  REQUIRE(world.desk().ledger->set_state("mqtt.homeassistant.adopted", mqtt::to_text(adoptions)));
  const auto clash = world.diff(in_force + "[[module]]\nid = \"garage\"\naddress = 0x52\nname = \"Garage\"\n");
  CHECK(clash.status == 1);
  CHECK(clash.says("! sensor old_u: claimed by two entities"));
}

TEST_CASE("switching MQTT, discovery or the prefix is told in a sentence") {
  DiffDesk world;
  CHECK(world.diff(replaced(in_force, "[mqtt]\n", "")).says("every entity becomes unavailable"));
  CHECK(world.diff("[homeassistant]\ndiscovery = false\n" + in_force).says("nothing is announced any more"));
  CHECK(world.diff("[homeassistant]\nprefix = \"ha\"\n" + in_force).says("below ha instead of homeassistant"));
}

TEST_CASE("a ledger without announcements says what is missing") {
  Desk desk;
  desk.open();
  const auto outcome = desk.run({"homeassistant", "diff"});
  CHECK(outcome.status == 69);
  CHECK(outcome.complains("has not told Home Assistant of any module yet"));
  desk.folder.write("bad.toml", "[mqtt]\nbroker = 7\n");
  CHECK(desk.run_with({"homeassistant", "diff"}, {}, {"--config", desk.folder.file("bad.toml")}).status == 78);
}

TEST_CASE("forget and adopt say what they need: arguments, a word, and rbampd") {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);  // NOLINT(concurrency-mt-unsafe): before any thread
  Desk desk;
  CHECK(desk.run({"homeassistant", "forget"}).status == 64);
  CHECK(desk.run({"homeassistant", "adopt", "mains"}).status == 64);
  CHECK(desk.run({"homeassistant", "remember"}).complains("there is diff, forget, adopt"));
  CHECK(desk.run({"homeassistant", "diff", "mains"}).status == 64);
  CHECK(desk.run({"homeassistant", "forget", "mains", "--pair", "a=b"}).complains("--pair belongs to adopt"));
  CHECK(desk.run({"homeassistant", "adopt", "mains", "old", "--pair", "power"}).complains("write OURS=THEIRS"));
  CHECK(desk.run({"homeassistant", "adopt", "mains", "old", "--pair", "a=b", "--pair", "a=c"}).complains("paired twice"));
  for (const auto& arguments :
       {std::vector<std::string>{"homeassistant", "forget", "old", "--yes"}, std::vector<std::string>{"homeassistant", "adopt"},
        std::vector<std::string>{"homeassistant", "adopt", "mains", "old", "--yes"}}) {
    CHECK(desk.run(arguments).status == 69);
  }
}
