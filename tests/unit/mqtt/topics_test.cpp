#include "mqtt/topics.hpp"

#include "mqtt/entity_name.hpp"
#include "mqtt/incoming.hpp"
#include "support/catch.hpp"

using namespace rbamp::mqtt;

namespace {

const Topics topics{"rbamp", "homeassistant"};

Incoming seen(const std::string& topic, const std::string& payload, bool is_retained = false) {
  return classify(topics, Message{topic, payload, is_retained});
}

}  // namespace

TEST_CASE("topics are those of the design") {
  CHECK(topics.status() == "rbamp/status");
  CHECK(topics.state() == "rbamp/state");
  CHECK(topics.module_status("mains") == "rbamp/mains/status");
  CHECK(topics.module_state("mains") == "rbamp/mains/state");
  CHECK(topics.channel_state("mains", "l1") == "rbamp/mains/l1/state");
  CHECK(topics.channel_energy("mains", "l1") == "rbamp/mains/l1/energy");
  CHECK(topics.energy_channel("rbamp/mains/l1/energy", "mains") == "l1");
  CHECK_FALSE(topics.energy_channel("rbamp/main/l1/energy", "mains"));
  CHECK_FALSE(topics.energy_channel("rbamp/mains/l1/state", "mains"));
  CHECK_FALSE(topics.energy_channel("rbamp/mains/energy", "mains"));
  CHECK_FALSE(topics.energy_channel("rbamp/mains/a/b/energy", "mains"));
  CHECK(topics.channel_period("mains", "l1") == "rbamp/mains/l1/period");
  CHECK(topics.latch_command() == "rbamp/cmd/latch");
  CHECK(topics.restart_command("mains") == "rbamp/mains/cmd/restart");
  CHECK(topics.discovery("rbamp_mains") == "homeassistant/device/rbamp_mains/config");
  CHECK(topics.module_config("mains") == "rbamp/mains/config");
  CHECK(topics.set_command("mains", "over_current") == "rbamp/mains/set/over_current");
  CHECK(topics.set_filter() == "rbamp/+/set/+");
  CHECK(topics.module_status_filter() == "rbamp/+/status");
  CHECK(topics.foreign_filter() == "homeassistant/+/+/+/config");
}

TEST_CASE("an object id holds nothing that Home Assistant refuses") {
  CHECK(Topics{"house/keller.1 ü", "x"}.identifier().find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string::npos);
}

TEST_CASE("a suggested entity id is a slug of the name") {
  CHECK(slug_of("Workshop meter", "x") == "workshop_meter");
  CHECK(slug_of("  L1 -- (left) ", "x") == "l1_left");
  CHECK(slug_of("Küche", "kitchen-1") == "kitchen_1");
  CHECK(slug_of("", "ch0") == "ch0");
  CHECK(slug_of("!!!", "ch0") == "ch0");
}

TEST_CASE("a pressed button is understood") {
  CHECK(std::holds_alternative<LatchPressed>(seen("rbamp/cmd/latch", "PRESS")));
  const auto restart = seen("rbamp/mains/cmd/restart", "PRESS");
  REQUIRE(std::holds_alternative<RestartPressed>(restart));
  CHECK(std::get<RestartPressed>(restart).module_id == "mains");
}

TEST_CASE("a retained command is refused") {
  CHECK(std::holds_alternative<CommandRefused>(seen("rbamp/cmd/latch", "PRESS", true)));
  CHECK(std::holds_alternative<CommandRefused>(seen("rbamp/mains/cmd/restart", "PRESS", true)));
}

TEST_CASE("a malformed command is refused, and its payload is not repeated") {
  for (const auto* payload : {"", "press", "PRESS ", "PRESS\n", "ON", "{\"x\":1}", "\xff\xfe"}) {
    CAPTURE(payload);
    const auto refused = seen("rbamp/cmd/latch", payload);
    REQUIRE(std::holds_alternative<CommandRefused>(refused));
    CHECK(std::get<CommandRefused>(refused).words == "the payload is not PRESS");
  }
}

TEST_CASE("topics that only look like ours mean nothing") {
  for (const auto* topic :
       {"", "rbamp", "rbamp/", "rbamp/cmd/latch/x", "rbampx/cmd/latch", "rbamp//cmd/restart", "rbamp/A/cmd/restart",
        "rbamp/a/b/cmd/restart", "rbamp/a b/cmd/restart", "rbamp/energy", "rbamp/a/energy", "rbamp/a/b/c/energy",
        "homeassistant/device//config", "homeassistant/device/a/b/config", "homeassistant/sensor/a/config", "homeassistant"}) {
    CAPTURE(topic);
    CHECK(std::holds_alternative<Unknown>(seen(topic, "PRESS", true)));
  }
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/" + std::string(65, 'a') + "/cmd/restart", "PRESS")));
}

TEST_CASE("only what the broker retained counts as read back") {
  CHECK(std::holds_alternative<EnergyHeld>(seen("rbamp/mains/l1/energy", "{}", true)));
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/mains/l1/energy", "{}", false)));
  const auto held = seen("rbamp/mains/status", "online", true);
  REQUIRE(std::holds_alternative<OnlineHeld>(held));
  CHECK(std::get<OnlineHeld>(held).module_id == "mains");
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/mains/status", "online", false)));
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/mains/status", "offline", true)));
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/status", "online", true)));
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/a/b/status", "online", true)));
}

TEST_CASE("a setting is taken with its words as they are, unless it is retained") {
  const auto wanted = seen("rbamp/mains/set/over_current", "16");
  REQUIRE(std::holds_alternative<SettingWanted>(wanted));
  CHECK(std::get<SettingWanted>(wanted).module_id == "mains");
  CHECK(std::get<SettingWanted>(wanted).setting == "over_current");
  CHECK(std::get<SettingWanted>(wanted).text == "16");
  CHECK(std::get<SettingWanted>(wanted).objection.empty());
  const auto retained = seen("rbamp/mains/set/over_current", "16", true);
  REQUIRE(std::holds_alternative<SettingWanted>(retained));
  CHECK(std::get<SettingWanted>(retained).objection.find("retained") != std::string::npos);
  for (const auto* topic : {"rbamp/mains/set/", "rbamp//set/ct0", "rbamp/mains/set/a/b", "rbamp/a/b/set/ct0", "rbamp/set/ct0",
                            "rbamp/mains/set/CT0", "other/mains/set/ct0"}) {
    CAPTURE(topic);
    CHECK(std::holds_alternative<Unknown>(seen(topic, "16")));
  }
  CHECK(std::holds_alternative<Unknown>(seen("rbamp/mains/set/over_current", "", true)));  // the topic was cleared
}

TEST_CASE("a discovery topic names its device") {
  const auto emptied = seen("homeassistant/device/rbamp_mains/config", "");
  REQUIRE(std::holds_alternative<DiscoverySeen>(emptied));
  CHECK(std::get<DiscoverySeen>(emptied).object_id == "rbamp_mains");
  CHECK(std::get<DiscoverySeen>(emptied).is_empty);
  CHECK_FALSE(std::get<DiscoverySeen>(seen("homeassistant/device/rbamp_mains/config", "{}")).is_empty);
}
