#include <set>

#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

void birth(PublisherWorld& world) { world.broker.publish_as_other({"homeassistant/status", "online", false}); }

}  // namespace

TEST_CASE("a birth brings configs, availability and states again, once, after a moment") {
  PublisherWorld world;
  world.settle();
  world.loop.run_for(1min);
  world.broker.sent.clear();
  birth(world);
  world.loop.run_for(499ms);
  CHECK(world.broker.sent.empty());
  world.loop.run_for(2501ms);
  CHECK(world.broker.count(bridge_config) == 1);
  CHECK(world.broker.count(workshop_config) == 1);
  CHECK(world.broker.count(lights_energy) == 1);
  CHECK(*world.broker.first_index(workshop_config) < *world.broker.first_index("rbamp/status"));
  CHECK(*world.broker.first_index("rbamp/workshop/status") < *world.broker.first_index(lights_state));
  world.loop.run_for(5min);
  CHECK(world.broker.count(workshop_config) == 1);
}

TEST_CASE("a burst of births is one birth") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  for (int i = 0; i < 10; ++i) {
    birth(world);
    world.loop.run_for(40ms);
  }
  world.loop.run_for(4s);
  CHECK(world.broker.count(bridge_config) == 1);
}

TEST_CASE("a stream of births still keeps the distance between configs") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  for (int i = 0; i < 100; ++i) {
    birth(world);
    world.loop.run_for(600ms);
  }
  std::optional<BootTime> last;
  for (const auto& entry : world.broker.sent) {
    if (entry.message.topic != workshop_config) continue;
    if (last) CHECK(entry.at - *last >= DiscoverySchedule::spacing);
    last = entry.at;
  }
  CHECK(last);
}

TEST_CASE("a birth that was retained is no second reason to publish") {
  PublisherWorld world;
  world.broker.retained["homeassistant/status"] = "online";
  world.settle();
  world.loop.run_for(1min);
  CHECK(world.broker.count(bridge_config) == 2);  // at start, and the repeat after 30 s
}

TEST_CASE("random delays differ between daemons") {
  std::set<Microseconds> delays;
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    PublisherWorld world;
    world.options.seed = seed;
    world.make();
    world.settle();
    world.broker.sent.clear();
    const auto begin = world.clock.boot_now();
    birth(world);
    world.loop.run_for(4s);
    REQUIRE_FALSE(world.broker.sent.empty());
    delays.insert(world.broker.sent.front().at - begin);
  }
  CHECK(delays.size() == 5);
}

TEST_CASE("a changed description is sent five seconds after the last one at the earliest, and repeated") {
  PublisherWorld world;
  world.settle();
  world.loop.run_for(1min);
  world.broker.sent.clear();
  auto renamed = workshop();
  for (const auto* name : {"One", "Two", "Three"}) {
    renamed.name = name;
    world.publisher->describe(renamed);
    world.loop.run_for(1s);
  }
  world.loop.run_for(60s);
  const auto sent = world.broker.payloads(workshop_config);
  REQUIRE(sent.size() == 3);  // One at once, Three after five seconds, Three again
  CHECK(sent[0].find("\"One\"") != std::string::npos);
  CHECK(sent[1].find("\"Three\"") != std::string::npos);
  CHECK(sent[2] == sent[1]);
}

TEST_CASE("an unchanged restart sends each config once, without a repeat") {
  PublisherWorld world;
  world.settle();
  world.kill();
  world.make();
  world.broker.sent.clear();
  world.settle();
  CHECK(world.broker.count(bridge_config) == 1);
  CHECK(world.broker.count(workshop_config) == 1);
}

TEST_CASE("a device that the user deleted is not announced again until the next birth") {
  PublisherWorld world;
  world.settle();
  world.broker.publish_as_other({workshop_config, "", true});
  world.loop.run_ready();
  world.broker.sent.clear();
  world.publisher->describe(workshop());
  auto renamed = workshop();
  renamed.name = "Other";
  world.publisher->describe(renamed);
  world.loop.run_for(10min);
  world.broker.lose();
  world.loop.run_for(10min);
  CHECK(world.publisher->is_online());
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(world.broker.count(workshop_config) == 0);
  CHECK(world.sink.contains("somebody deleted the device rbamp_workshop"));
  birth(world);
  world.loop.run_for(4s);
  CHECK(world.broker.count(workshop_config) == 1);
}

TEST_CASE("a device that the user deleted is announced again by the next process") {
  PublisherWorld world;
  world.settle();
  world.broker.publish_as_other({workshop_config, "", true});
  world.loop.run_ready();
  world.kill();
  world.make();
  world.settle();
  CHECK(world.retained(workshop_config) != "none");
}

TEST_CASE("a removed channel leaves stubs, remembered across restarts") {
  PublisherWorld world;
  world.settle();
  auto home = world.home();
  REQUIRE(home.state("rbamp_workshop_sockets_power") == "0.0");
  world.kill();
  auto smaller = workshop();
  smaller.channels.pop_back();
  for (int restart = 0; restart < 2; ++restart) {
    world.make();
    world.publisher->start();
    world.publisher->describe(smaller);
    world.loop.run_for(1min);
    CHECK(world.retained(workshop_config).find(R"("sockets_power":{"platform":"sensor"})") != std::string::npos);
    world.kill();
  }
  home.receive(workshop_config, world.retained(workshop_config));
  CHECK(home.state("rbamp_workshop_sockets_power") == "missing");
  CHECK(home.state("rbamp_workshop_lights_power") != "missing");
}

TEST_CASE("stubs are made from what the broker holds when our own memory is lost") {
  PublisherWorld world;
  world.settle();
  world.kill();
  world.store.store("homeassistant.components", "");
  world.make();
  auto smaller = workshop();
  smaller.channels.pop_back();
  SECTION("when the module is known at once") { world.publisher->describe(smaller); }
  world.publisher->start();
  world.loop.run_for(10s);
  SECTION("when the module is found later") { world.publisher->describe(smaller); }
  world.loop.run_for(1min);
  CHECK(world.retained(workshop_config).find(R"("sockets_power":{"platform":"sensor"})") != std::string::npos);
}

TEST_CASE("forgetting a module clears everything that the broker retains of it") {
  PublisherWorld world;
  world.settle();
  world.kill();
  world.make();
  world.publisher->start();
  CHECK_FALSE(world.publisher->forget("workshop"));  // no broker yet
  world.loop.run_for(10s);
  REQUIRE(world.publisher->forget("workshop"));
  world.loop.run_for(10s);
  for (const auto& [topic, payload] : world.broker.retained) CHECK(topic.find("workshop") == std::string::npos);
  CHECK(world.retained(bridge_config) != "none");
  CHECK_FALSE(world.broker.has_filter("rbamp/workshop/#"));
  CHECK(world.store.load("homeassistant.components")->find("workshop") == std::string::npos);
}

TEST_CASE("a module that is being metered is not forgotten") {
  PublisherWorld world;
  world.settle();
  const auto refused = world.publisher->forget("workshop");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::request_invalid));
  CHECK(world.retained(workshop_config) != "none");
}

TEST_CASE("what is published can be compared with what a new configuration would give") {
  PublisherWorld world;
  world.settle();
  const auto now = world.publisher->discovery();
  REQUIRE(now.size() == 2);
  CHECK(now.at("rbamp_workshop") == world.retained(workshop_config));
  CHECK(compare(now, now).empty());
}

TEST_CASE("pressed buttons reach the fleet") {
  PublisherWorld world;
  world.settle();
  for (const auto& topic : world.home().command_topics()) world.broker.publish_as_other({topic, "PRESS", false});
  world.loop.run_ready();
  CHECK(world.fleet.latches == 1);
  CHECK(world.fleet.restarts == std::vector<std::string>{"workshop"});
}

TEST_CASE("retained and malformed commands do nothing but one log record") {
  PublisherWorld world;
  world.broker.retained["rbamp/cmd/latch"] = "PRESS";
  world.broker.retained["rbamp/workshop/cmd/restart"] = "PRESS";
  world.settle();
  world.broker.publish_as_other({"rbamp/cmd/latch", "latch!", false});
  world.broker.publish_as_other({"rbamp/nowhere/cmd/restart", "1", false});
  world.loop.run_ready();
  CHECK(world.fleet.latches == 0);
  CHECK(world.fleet.restarts.empty());
  CHECK(world.sink.contains("a command on rbamp/cmd/latch is ignored: the command is retained"));
}

TEST_CASE("a flood of commands acts once in a while and does not flood the log") {
  PublisherWorld world;
  world.settle();
  world.sink.clear();
  for (int i = 0; i < 1000; ++i) {
    world.broker.publish_as_other({"rbamp/cmd/latch", "PRESS", false});
    world.broker.publish_as_other({"rbamp/cmd/latch", "garbage", false});
    world.loop.run_for(20ms);
  }
  CHECK(world.fleet.latches == 4);
  CHECK(world.sink.count(log::Level::warning) <= 3);
}

TEST_CASE("a restart that the fleet refuses is answered by a log record") {
  PublisherWorld world;
  world.settle();
  world.broker.publish_as_other({"rbamp/other/cmd/restart", "PRESS", false});
  world.loop.run_ready();
  CHECK(world.fleet.restarts == std::vector<std::string>{"other"});
  CHECK(world.sink.contains("no such module is metered"));
}
