// Settings over MQTT: what Home Assistant shows, what reaches the module, and what it hears when it is refused.
#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

constexpr const char* workshop_config_state = "rbamp/workshop/config";
constexpr const char* set_current = "rbamp/workshop/set/over_current";

/// The usual state, and the module's settings are known.
void settle_with_settings(PublisherWorld& world) {
  world.settle();
  world.publisher->settings(workshop_settings());
  world.settings.obeyed = [&world](const metering::SettingOrder& order) {
    auto settings = workshop_settings();
    if (const auto* current = std::get_if<metering::CurrentThreshold>(&order.wish)) settings.current_threshold = current->value;
    world.publisher->settings(settings);
  };
  world.loop.run_for(2s);
  world.broker.sent.clear();
}

void say(PublisherWorld& world, const std::string& topic, const std::string& payload, bool is_retained = false) {
  world.broker.publish_as_other({topic, payload, is_retained});
  world.loop.run_for(2s);
}

}  // namespace

TEST_CASE("Home Assistant shows what a module is set to") {
  PublisherWorld world;
  settle_with_settings(world);
  const auto home = world.home();
  CHECK(home.complaints().empty());
  CHECK(home.state("rbamp_workshop_over_current") == "16.0");
  CHECK(home.state("rbamp_workshop_over_power") == "0");
  CHECK(home.state("rbamp_workshop_lights_ct_model") == "SCT-013-030");
  CHECK(home.command_topic("rbamp_workshop_over_current") == set_current);
  CHECK(home.command_topic("rbamp_workshop_sockets_ct_model") == "rbamp/workshop/set/ct1");
}

TEST_CASE("settings that are not known yet are unknown, not 0") {
  PublisherWorld world;
  world.settle();
  CHECK(world.retained(workshop_config_state) == "none");
  CHECK(world.home().state("rbamp_workshop_over_current") == "unknown");
}

TEST_CASE("a number that is set reaches the module, and its answer Home Assistant") {
  PublisherWorld world;
  settle_with_settings(world);
  say(world, set_current, "20.5");
  REQUIRE(world.settings.orders.size() == 1);
  CHECK(world.settings.orders[0].module_id == "workshop");
  CHECK(std::get<metering::CurrentThreshold>(world.settings.orders[0].wish).value == Amperes{20.5});
  CHECK(world.home().state("rbamp_workshop_over_current") == "20.5");
  CHECK(world.sink.count(log::Level::warning) == 0);
}

TEST_CASE("a refused setting is answered with the real value, and the log says why") {
  PublisherWorld world;
  settle_with_settings(world);
  SECTION("by the module") {
    world.settings.refusal = "the module refused it";
    say(world, set_current, "20");
    CHECK(world.settings.orders.size() == 1);
    CHECK(world.sink.contains("a command on rbamp/workshop/set/over_current is ignored: the module refused it"));
  }
  SECTION("because it makes no sense") {
    say(world, set_current, "twenty");
    CHECK(world.settings.orders.empty());
    CHECK(world.sink.contains("is not a number"));
    CHECK_FALSE(world.sink.contains("twenty"));
  }
  SECTION("because it is retained") {
    world.broker.retained[set_current] = "20";
    world.broker.lose();  // the next connection brings it, marked as retained
    world.loop.run_for(10s);
    CHECK(world.settings.orders.empty());
    CHECK(world.sink.contains("the command is retained"));
  }
  CHECK(world.broker.count(workshop_config_state) >= 1);
  CHECK(world.home().state("rbamp_workshop_over_current") == "16.0");
}

TEST_CASE("nobody is set before everything is announced, and nothing for a module that is not there") {
  PublisherWorld world;
  world.broker.retained[set_current] = "20";
  settle_with_settings(world);
  CHECK(world.settings.orders.empty());
  CHECK(world.broker.has_filter("rbamp/+/set/+"));
  say(world, "rbamp/other/set/over_current", "20");
  CHECK(world.settings.orders.empty());
  CHECK(world.sink.contains("no such module is metered"));
}

TEST_CASE("a flood of settings reaches the module once a second at most, and the log hardly ever") {
  PublisherWorld world;
  settle_with_settings(world);
  world.sink.clear();
  for (int i = 0; i < 200; ++i) {
    world.broker.publish_as_other({set_current, std::to_string(1 + i % 100), false});
    world.loop.run_for(20ms);
  }
  CHECK(world.settings.orders.size() == 4);
  CHECK(world.sink.count(log::Level::warning) <= 2);
}

TEST_CASE("an answer that comes after the end of the connection, or of the publisher, harms nobody") {
  PublisherWorld world;
  settle_with_settings(world);
  world.settings.later = true;
  say(world, set_current, "20");
  say(world, "rbamp/workshop/set/ct0", "SCT-013-010");
  REQUIRE(world.settings.answers.size() == 2);
  world.settings.obeyed = nullptr;
  world.broker.lose();
  world.settings.answer();
  world.publisher.reset();
  world.settings.answer();
  CHECK(world.settings.orders.size() == 2);
}

TEST_CASE("a birth, and a broker that lost everything, bring the settings again") {
  PublisherWorld world;
  settle_with_settings(world);
  world.broker.publish_as_other({"homeassistant/status", "online", false});
  world.loop.run_for(4s);
  CHECK(world.broker.count(workshop_config_state) == 1);
  world.broker.lose();
  world.broker.retained.clear();
  world.loop.run_for(10s);
  CHECK(world.home().state("rbamp_workshop_over_current") == "16.0");
}

TEST_CASE("a birth is what the configuration says it is") {
  PublisherWorld world;
  world.options.homeassistant.birth_topic = "house/ha";
  world.options.homeassistant.birth_payload = "up";
  world.make();
  world.settle();
  world.broker.sent.clear();
  CHECK(world.broker.has_filter("house/ha"));
  CHECK_FALSE(world.broker.has_filter("homeassistant/status"));
  world.broker.publish_as_other({"homeassistant/status", "online", false});
  world.broker.publish_as_other({"house/ha", "online", false});
  world.loop.run_for(4s);
  CHECK(world.broker.count(workshop_config) == 0);
  world.broker.publish_as_other({"house/ha", "up", false});
  world.loop.run_for(4s);
  CHECK(world.broker.count(workshop_config) == 1);
}
