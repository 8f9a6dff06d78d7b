// Modules that are not metered now: what the broker retains of them must not look alive.
#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

constexpr const char* workshop_status = "rbamp/workshop/status";

/// The process before was killed while the workshop was metered.
void leave_workshop_online(PublisherWorld& world) {
  world.settle();
  world.kill();
  REQUIRE(world.retained(workshop_status) == "online");
  REQUIRE(world.retained("rbamp/status") == "offline");
  world.broker.sent.clear();
}

}  // namespace

TEST_CASE("a module that does not answer after a restart is offline before the daemon is online") {
  PublisherWorld world;
  leave_workshop_online(world);
  bool has_other = false;
  SECTION("with everything remembered") {}
  SECTION("with the state store lost") {
    for (const auto* key : DiscoveryDesk::remembered_keys) world.store.store(key, "");
  }
  SECTION("without discovery") { world.options.homeassistant.discovery = false; }
  SECTION("with another module that is there") { has_other = true; }
  world.make();
  if (has_other) {
    world.publisher->describe(module_of("UI1", "other", "Other"));
    world.publisher->set_reachable("other", true);
  }
  world.publisher->start();
  world.loop.run_for(1min);
  CHECK(world.retained("rbamp/other/status") == (has_other ? "online" : "none"));
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(world.retained(workshop_status) == "offline");
  REQUIRE(world.broker.first_index(workshop_status, "offline"));
  CHECK(*world.broker.first_index(workshop_status, "offline") < *world.broker.first_index("rbamp/status", "online"));
  CHECK(world.broker.count(workshop_status) == 1);
  CHECK_FALSE(world.broker.has_filter("rbamp/+/status"));
}

TEST_CASE("a module that is found while the broker is read back was never offline") {
  PublisherWorld world;
  leave_workshop_online(world);
  world.make();
  world.publisher->describe(module_of("UI1", "other", "Other"));
  world.publisher->committed({"other", {}, {registers("ch0", 8'000'000'000)}});
  world.broker.retained["rbamp/other/ch0/energy"] = R"({"import":7.000,"export":0.000,"since":"2025-11-03T12:00:00Z"})";
  world.publisher->start();
  world.loop.run_for(Publisher::read_back_pause - 1ms);
  CHECK(world.broker.sent.empty());  // the other one alone does not end it
  world.publisher->describe(workshop());
  world.publisher->set_reachable("workshop", true);
  world.loop.run_for(1min);
  CHECK(world.broker.payloads(workshop_status) == std::vector<std::string>{"online"});
}

TEST_CASE("a module that is found later comes online again") {
  PublisherWorld world;
  leave_workshop_online(world);
  world.make();
  world.publisher->start();
  world.loop.run_for(10s);
  world.publisher->describe(workshop());
  world.publisher->set_reachable("workshop", true);
  world.loop.run_for(1min);
  CHECK(world.retained(workshop_status) == "online");
  world.broker.lose();
  world.loop.run_for(1min);
  CHECK(world.broker.payloads(workshop_status) == std::vector<std::string>{"offline", "online", "online"});
}

TEST_CASE("a module that was taken away while the broker was away is offline when it is back") {
  PublisherWorld world;
  world.settle();
  world.broker.lose();
  world.loop.run_ready();
  world.publisher->set_reachable("workshop", false);
  world.publisher->removed("workshop");
  world.broker.sent.clear();
  world.loop.run_for(1min);
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(world.retained(workshop_status) == "offline");
  CHECK(*world.broker.first_index(workshop_status, "offline") < *world.broker.first_index("rbamp/status", "online"));
}

TEST_CASE("a broker that restores an older store does not bring a module back to life") {
  PublisherWorld world;
  world.settle();
  world.publisher->removed("workshop");
  world.loop.run_for(1min);
  world.broker.lose();
  world.broker.retained[workshop_status] = "online";
  world.loop.run_for(1min);
  CHECK(world.retained(workshop_status) == "offline");
}

TEST_CASE("an answer of the broker that comes after the read back still counts") {
  PublisherWorld world;
  world.publisher->start();
  world.loop.run_for(10s);
  world.broker.retained[workshop_status] = "online";
  world.broker.subscribe("rbamp/+/status");
  world.loop.run_for(1s);
  CHECK(world.retained(workshop_status) == "offline");
}

TEST_CASE("a module that was forgotten leaves no status behind, also after a reconnect") {
  PublisherWorld world;
  leave_workshop_online(world);
  world.make();
  world.publisher->start();
  world.loop.run_for(10s);
  REQUIRE(world.publisher->forget("workshop"));
  world.loop.run_for(10s);
  world.broker.lose();
  world.loop.run_for(1min);
  CHECK(world.retained(workshop_status) == "none");
}
