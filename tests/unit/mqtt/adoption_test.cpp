#include "mqtt/adoption.hpp"

#include "mqtt/discovery.hpp"
#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

const Topics topics{"rbamp", "homeassistant"};

std::string old_topic(const std::string& object_id) { return "homeassistant/sensor/oldmeter/" + object_id + "/config"; }

/// What an older publisher announced: a UI1 module, one entity with short keys.
const std::map<std::string, std::string> old_messages{
    {old_topic("u"), R"({"uniq_id":"old_u","dev_cla":"voltage","name":"Voltage","dev":{"ids":["oldmeter"]}})"},
    {old_topic("p"), R"({"unique_id":"old_p","device_class":"power","name":"Power","device":{"identifiers":["oldmeter"]}})"},
    {old_topic("kwh"),
     R"({"unique_id":"old_kwh","device_class":"energy","name":"Energy import","device":{"identifiers":["oldmeter"]}})"},
    {old_topic("kwh_back"),
     R"({"unique_id":"old_kwh_back","device_class":"energy","name":"Energy Export","device":{"identifiers":["oldmeter"]}})"},
};

std::vector<ForeignEntity> foreign() {
  std::vector<ForeignEntity> found;
  for (const auto& [topic, payload] : old_messages) found.push_back(*parse_foreign("homeassistant", topic, payload));
  return found;
}

DeviceDocument mains() { return describe_module(topics, {"0.1.0"}, module_of("UI1", "mains", "Mains")); }

std::vector<std::string> topics_of(const std::map<std::string, std::string>& messages) {
  std::vector<std::string> list;
  for (const auto& [topic, payload] : messages) list.push_back(topic);
  return list;
}

}  // namespace

TEST_CASE("entities that cannot be taken over are not even looked at") {
  const std::string good = old_messages.at(old_topic("p"));
  CHECK(parse_foreign("homeassistant", old_topic("p"), good));
  CHECK_FALSE(parse_foreign("other", old_topic("p"), good));
  CHECK_FALSE(parse_foreign("homeassistant", "homeassistant/sensor/p/config", good));
  CHECK_FALSE(parse_foreign("homeassistant", "homeassistant/device/x/y/config", good));
  CHECK_FALSE(parse_foreign("homeassistant", "homeassistant/sensor/a/b/c/config", good));
  CHECK_FALSE(parse_foreign("homeassistant", "homeassistant/sensor/a/b/state", good));
  CHECK_FALSE(parse_foreign("homeassistant", "homeassistant/sensor//b/config", good));
  CHECK_FALSE(parse_foreign("homeassistant", old_topic("p"), R"({"device_class":"power","device":{}})"));
  CHECK_FALSE(parse_foreign("homeassistant", old_topic("p"), R"({"unique_id":"x"})"));
  CHECK_FALSE(parse_foreign("homeassistant", old_topic("p"), "garbage"));
}

TEST_CASE("what is beyond doubt is proposed") {
  const auto adoption = propose_adoption(mains(), foreign());
  CHECK(adoption.object_id == "oldmeter");
  const std::map<std::string, Adoption::Entity> expected{{"voltage", {"u", "old_u"}},
                                                         {"ch0_power", {"p", "old_p"}},
                                                         {"ch0_energy_import", {"kwh", "old_kwh"}},
                                                         {"ch0_energy_export", {"kwh_back", "old_kwh_back"}}};
  CHECK(adoption.entities == expected);
}

TEST_CASE("what is ambiguous is left to the owner") {
  const auto two_channels = propose_adoption(describe_module(topics, {"0.1.0"}, module_of("UI2", "mains", "Mains")), foreign());
  CHECK(two_channels.entities.size() == 1);
  CHECK(two_channels.entities.contains("voltage"));
  CHECK(propose_adoption(mains(), {}).object_id.empty());
}

TEST_CASE("an adopted module has the old identity, and its own for what is new") {
  const auto document = adopted(mains(), propose_adoption(mains(), foreign()));
  CHECK(document.object_id == "oldmeter");
  CHECK(document.components.size() == mains().components.size());
  CHECK(document.components.at("p").unique_id == "old_p");
  CHECK(document.components.at("p").json.find(R"("state_topic":"rbamp/mains/ch0/state")") != std::string::npos);
  CHECK(document.components.at("frequency").unique_id == "rbamp_mains_frequency");
  CHECK_FALSE(document.components.contains("ch0_power"));
}

TEST_CASE("adoptions are remembered, and a damaged memory is an empty one") {
  const Adoptions adoptions{{"mains", propose_adoption(mains(), foreign())}};
  CHECK(adoptions_from_text(to_text(adoptions)) == adoptions);
  for (const auto* text : {"", "7", "{", R"({"a":1})", R"({"a":{"object_id":""}})", R"({"a":{"object_id":"x","entities":1}})"}) {
    CHECK(adoptions_from_text(text).empty());
  }
}

TEST_CASE("taking over tells Home Assistant first, announces after a moment, clears last, and lasts over restarts") {
  PublisherWorld world;
  world.broker.retained = old_messages;
  world.publisher->describe(module_of("UI1", "mains", "Mains"));
  world.publisher->start();
  world.loop.run_for(1min);
  REQUIRE(world.retained("homeassistant/device/rbamp_mains/config") != "none");
  world.broker.sent.clear();
  const auto adoption = propose_adoption(mains(), foreign());
  REQUIRE(world.publisher->take_over("mains", adoption, topics_of(old_messages)));
  CHECK_FALSE(world.publisher->take_over("mains", adoption, topics_of(old_messages)));  // one at a time
  world.loop.run_for(1s);
  for (const auto& topic : topics_of(old_messages)) CHECK(world.retained(topic) == R"({"migrate_discovery": true})");
  CHECK(world.retained("homeassistant/device/rbamp_mains/config") == "none");
  CHECK(world.retained("homeassistant/device/oldmeter/config") == "none");
  world.loop.run_for(2s);
  CHECK(world.retained("homeassistant/device/oldmeter/config").find(R"("p":{)") != std::string::npos);
  CHECK(world.retained(old_topic("p")) != "none");
  world.loop.run_for(10s);
  for (const auto& topic : topics_of(old_messages)) CHECK(world.retained(topic) == "none");
  CHECK(world.retained("homeassistant/device/rbamp_mains/config") == "none");

  const auto before = world.retained("homeassistant/device/oldmeter/config");
  world.kill();
  world.make();
  world.publisher->describe(module_of("UI1", "mains", "Mains"));
  world.publisher->start();
  world.loop.run_for(1min);
  CHECK(world.retained("homeassistant/device/oldmeter/config") == before);
  CHECK(world.retained("homeassistant/device/rbamp_mains/config") == "none");
}

TEST_CASE("a take-over that is interrupted is finished by the next connection") {
  PublisherWorld world;
  world.broker.retained = old_messages;
  const auto start = [&world] {
    world.publisher->describe(module_of("UI1", "mains", "Mains"));
    world.publisher->start();
    world.loop.run_for(1min);
  };
  start();
  REQUIRE(world.publisher->take_over("mains", propose_adoption(mains(), foreign()), topics_of(old_messages)));
  SECTION("by the loss of the broker, before it heard anything") {
    world.broker.sent.clear();
    world.broker.lose();
    world.loop.run_for(1min);
    const auto announced = world.broker.first_index("homeassistant/device/oldmeter/config");
    REQUIRE(announced);
    for (const auto& topic : topics_of(old_messages)) {
      const auto told = world.broker.first_index(topic, R"({"migrate_discovery": true})");
      REQUIRE(told);
      CHECK(*told < *announced);
      CHECK(world.broker.sent[*announced].at - world.broker.sent[*told].at >= Publisher::take_over_pause);
    }
  }
  SECTION("by the end of the process, before the new message") {
    world.loop.run_for(1s);
    world.kill();
    world.make();
    start();
  }
  SECTION("by the end of the process, before the old topics were cleared") {
    world.loop.run_for(Publisher::take_over_time - 1s);
    world.kill();
    world.make();
    start();
  }
  for (const auto& topic : topics_of(old_messages)) CHECK(world.retained(topic) == "none");
  CHECK(world.retained("homeassistant/device/oldmeter/config").find("old_p") != std::string::npos);
  CHECK(world.retained("homeassistant/device/rbamp_mains/config") == "none");
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(world.store.load("homeassistant.handover") == "");
  // And that was the last of it.
  world.broker.sent.clear();
  world.broker.lose();
  world.loop.run_for(1min);
  for (const auto& topic : topics_of(old_messages)) CHECK(world.broker.count(topic) == 0);
}

TEST_CASE("what a take-over has still to do is remembered, and a damaged memory is none") {
  const Handover handover{"oldmeter", "homeassistant/device/rbamp_mains/config", topics_of(old_messages)};
  CHECK(handover_from_text(to_text(handover)) == handover);
  for (const auto* text : {"", "7", "{", "{}", R"({"object_id":"x","former_topic":"","topics":[1]})"}) {
    CHECK_FALSE(handover_from_text(text));
  }
}

TEST_CASE("an adoption that does not fit is refused before anything is published") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  CHECK_FALSE(world.publisher->take_over("nowhere", {"oldmeter", {}}, {}));
  CHECK_FALSE(world.publisher->take_over("workshop", {"", {}}, {}));
  CHECK_FALSE(world.publisher->take_over("workshop", {"a/b", {}}, {}));
  CHECK_FALSE(world.publisher->take_over("workshop", {"oldmeter", {{"ch7_power", {"p", "old_p"}}}}, {}));
  CHECK_FALSE(world.publisher->take_over("workshop", {"oldmeter", {{"lights_power", {"voltage", "old_p"}}}}, {}));
  world.loop.run_for(1min);
  CHECK(world.broker.sent.empty());
}

TEST_CASE("the owner says which entities belong together where it is not clear") {
  const auto ours = describe_module(topics, {"0.1.0"}, module_of("UI2", "mains", "Mains"));
  const auto plan = plan_take_over(ours, foreign(), "oldmeter", {{"ch1_power", "p"}, {"voltage", ""}});
  REQUIRE(plan);
  const std::map<std::string, Adoption::Entity> expected{{"ch1_power", {"p", "old_p"}}};
  CHECK(plan->adoption.entities == expected);
  REQUIRE(plan->taken.size() == 1);
  CHECK(plan->taken.front().topic == old_topic("p"));
  CHECK(plan->left.size() == 3);
}

TEST_CASE("pairs that cannot be are refused with words") {
  const auto refusal = [](const std::string& node, const std::map<std::string, std::string>& pairs) {
    auto entities = foreign();
    entities.push_back({"t", "binary_sensor", "oldmeter", "alive", "old_alive", "connectivity", "Alive", {}});
    const auto plan = plan_take_over(mains(), entities, node, pairs);
    return plan ? std::string{} : plan.error().detail;
  };
  CHECK(refusal("nobody", {}).find("nobody announces entities under the node id") != std::string::npos);
  CHECK(refusal("oldmeter", {{"ch7_power", "p"}}).find("it has ch0_ct, ch0_current") != std::string::npos);
  CHECK(refusal("oldmeter", {{"ch0_power", "q"}}).find("nobody announces \"q\" there") != std::string::npos);
  CHECK(refusal("oldmeter", {{"ch0_power", "alive"}}).find("is a binary_sensor") != std::string::npos);
  CHECK(refusal("oldmeter",
                {{"ch0_power", ""}, {"ch0_energy_import", ""}, {"ch0_energy_export", ""}, {"voltage", ""}, {"reach", ""}})
            .find("--pair OURS=THEIRS") != std::string::npos);
}

TEST_CASE("an entity goes to one of ours only") {
  const auto plan = plan_take_over(mains(), foreign(), "oldmeter", {{"ch0_reactive", "p"}});
  REQUIRE(plan);
  CHECK(plan->adoption.entities.contains("ch0_reactive"));
  CHECK_FALSE(plan->adoption.entities.contains("ch0_power"));
}

TEST_CASE("a survey finds the meters of other programs, and nothing of ours") {
  PublisherWorld world;
  world.broker.retained = old_messages;
  world.broker.retained["homeassistant/sensor/thermo/t/config"] =
      R"({"unique_id":"t","device_class":"temperature","device":{"name":"Thermometer"}})";
  world.broker.retained["homeassistant/sensor/broken/t/config"] = "{";
  std::optional<Result<std::vector<ForeignEntity>>> found;
  const auto keep = [&](Result<std::vector<ForeignEntity>> answer) { found = std::move(answer); };
  world.publisher->survey(keep);
  REQUIRE(found);
  CHECK_FALSE(*found);  // no broker yet
  world.settle();
  found.reset();
  world.publisher->survey(keep);
  CHECK_FALSE(found);
  world.publisher->survey([](const Result<std::vector<ForeignEntity>>& answer) { CHECK_FALSE(answer); });  // one at a time
  world.loop.run_for(2s);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->size() == 5);
  const auto meters = meters_among(**found);
  REQUIRE(meters.size() == 1);
  CHECK(meters.front().node_id == "oldmeter");
  CHECK(meters.front().entities == 4);
  CHECK_FALSE(world.broker.has_filter("homeassistant/+/+/+/config"));
}

TEST_CASE("a survey ends with its connection") {
  PublisherWorld world;
  world.settle();
  int failures = 0;
  const auto count = [&](const Result<std::vector<ForeignEntity>>& answer) { failures += answer ? 0 : 1; };
  world.publisher->survey(count);
  world.broker.lose();
  world.loop.run_for(100ms);
  CHECK(failures == 1);
  world.loop.run_for(10s);
  world.publisher->survey(count);
  world.publisher->stop([] {});
  world.loop.run_for(1s);
  CHECK(failures == 2);
}
