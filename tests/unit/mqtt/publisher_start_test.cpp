#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

TEST_CASE("everything is announced in order, online last, commands after that") {
  PublisherWorld world;
  world.publisher->daemon_state(daemon_state());
  world.publisher->describe(workshop());
  world.publisher->live(workshop_reading());
  world.publisher->committed(workshop_minute(1'234'567'000'000));
  world.publisher->set_reachable("workshop", true);
  world.publisher->start();
  world.loop.run_for(1s);

  const std::vector<std::string> order{bridge_config,
                                       workshop_config,
                                       "rbamp/state",
                                       "rbamp/workshop/state",
                                       lights_state,
                                       "rbamp/workshop/sockets/state",
                                       lights_energy,
                                       "rbamp/workshop/sockets/energy",
                                       "rbamp/workshop/status",
                                       "rbamp/status"};
  REQUIRE(world.broker.sent.size() == order.size());
  for (std::size_t i = 0; i < order.size(); ++i) CHECK(world.broker.sent[i].message.topic == order[i]);
  for (const auto& entry : world.broker.sent) CHECK(entry.message.is_retained);
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(world.broker.has_filter("rbamp/cmd/latch"));
  CHECK(world.broker.has_filter("rbamp/+/cmd/restart"));
  CHECK_FALSE(world.broker.has_filter("rbamp/+/+/energy"));
}

TEST_CASE("discovery comes within a second of the connection") {
  PublisherWorld world;
  world.publisher->describe(workshop());
  world.publisher->start();
  world.loop.run_for(1s);
  CHECK(world.broker.count(bridge_config) == 1);
  CHECK(world.broker.count(workshop_config) == 1);
}

TEST_CASE("Home Assistant sees the worked example's entities and states") {
  PublisherWorld world;
  world.settle();
  const auto home = world.home();
  CHECK(home.complaints().empty());
  CHECK(home.unique_ids().size() == 6 + 2 + 2 * 6 + 4 + 4);
  CHECK(home.state("rbamp_connectivity") == "on");
  CHECK(home.state("rbamp_modules_online") == "1");
  CHECK(home.state("rbamp_problem") == "off");
  CHECK(home.state("rbamp_workshop_reachable") == "on");
  CHECK(home.state("rbamp_workshop_voltage") == "230.4");
  CHECK(home.state("rbamp_workshop_frequency") == "49.98");
  CHECK(home.state("rbamp_workshop_lights_current") == "1.52");
  CHECK(home.state("rbamp_workshop_lights_power") == "348.2");
  CHECK(home.state("rbamp_workshop_lights_reactive_power") == "-21.4");
  CHECK(home.state("rbamp_workshop_sockets_power_factor") == "unknown");
  CHECK(home.state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(home.state("rbamp_workshop_lights_energy_export") == "0.012");
  CHECK(home.state("rbamp_workshop_sockets_energy_import") == "88.001");
  CHECK(home.state("rbamp_workshop_last_read") == "2026-01-05T09:00:00Z");
}

TEST_CASE("before registers are loaded nothing is published as energy") {
  PublisherWorld world;
  world.publisher->describe(workshop());
  world.publisher->set_reachable("workshop", true);
  world.publisher->start();
  world.loop.run_for(10min);
  CHECK(world.broker.count(lights_energy) == 0);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "unknown");
}

TEST_CASE("a module that is found later appears with states before its status") {
  PublisherWorld world;
  world.publisher->start();
  world.loop.run_for(1min);
  world.broker.sent.clear();
  world.publisher->set_reachable("workshop", true);
  world.publisher->committed(workshop_minute(5'000'000));
  world.publisher->live(workshop_reading());
  world.publisher->describe(workshop());
  world.loop.run_for(1s);
  REQUIRE(world.broker.first_index(workshop_config));
  CHECK(*world.broker.first_index(workshop_config) == 0);
  CHECK(*world.broker.first_index(lights_energy) < *world.broker.first_index("rbamp/workshop/status"));
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "0.005");
}

TEST_CASE("a module without a voltage input has no energy topics, whatever is committed") {
  PublisherWorld world;
  world.publisher->start();
  world.publisher->describe(module_of("I1", "sub", "Sub"));
  auto minute = workshop_minute(1'000'000);
  minute.module_id = "sub";
  minute.postings[0].channel_id = "ch0";
  minute.registers[0].channel_id = "ch0";
  world.publisher->committed(minute);
  world.loop.run_for(1min);
  world.publisher->committed(minute);
  world.loop.run_for(1min);
  CHECK(world.broker.count("rbamp/sub/ch0/energy") == 0);
  CHECK(world.broker.count("rbamp/sub/ch0/period") == 0);
}

TEST_CASE("without discovery nothing at all goes to the prefix") {
  PublisherWorld world;
  world.options.homeassistant.discovery = false;
  world.make();
  world.settle();
  world.broker.publish_as_other({"homeassistant/status", "online", false});
  world.loop.run_for(1min);
  for (const auto& entry : world.broker.sent) CHECK_FALSE(entry.message.topic.starts_with("homeassistant"));
  CHECK(world.retained(lights_energy) != "none");
  CHECK(world.publisher->discovery().empty());
}

TEST_CASE("the read back ends as soon as everything of ours was seen, and soon when nothing is there") {
  PublisherWorld world;
  world.settle();
  world.kill();
  world.make();
  world.broker.sent.clear();
  world.publisher->describe(workshop());
  world.publisher->start();
  world.loop.run_ready();
  CHECK(world.broker.first_index("rbamp/status", "online"));

  PublisherWorld fresh;
  fresh.publisher->describe(workshop());
  fresh.publisher->start();
  fresh.loop.run_for(Publisher::read_back_pause - 1ms);
  CHECK(fresh.broker.sent.empty());
  fresh.loop.run_for(2ms);
  CHECK(fresh.broker.first_index("rbamp/status", "online"));
}

TEST_CASE("a new process never publishes less than the one before") {
  PublisherWorld world;
  world.settle();
  REQUIRE(world.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
  world.kill();
  CHECK(world.retained("rbamp/status") == "offline");
  world.make();
  world.publisher->start();
  world.publisher->describe(workshop());
  world.publisher->committed(workshop_minute(1'200'000'000'000));  // an older database was put back
  world.loop.run_for(1min);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(world.sink.contains("the ledger is behind"));
  world.publisher->committed(workshop_minute(1'234'568'000'000));
  world.loop.run_for(1min);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "1234.568");
  CHECK(world.sink.count(log::Level::warning) <= 2);  // lost once, behind once
}

TEST_CASE("the reading of a module that is found after the others is read back as well") {
  PublisherWorld world;
  world.broker.retained["rbamp/aaa/ch0/energy"] = R"({"import":7.000,"export":0.000,"since":"2025-11-03T12:00:00Z"})";
  world.broker.retained["rbamp/zzz/ch0/energy"] = R"({"import":9.000,"export":0.000,"since":"2025-11-03T12:00:00Z"})";
  world.publisher->describe(module_of("UI1", "aaa", "First"));
  world.publisher->start();
  world.loop.run_for(1min);
  world.publisher->describe(module_of("UI1", "zzz", "Last"));
  world.publisher->committed({"zzz", {}, {registers("ch0", 8'000'000'000)}});
  world.loop.run_for(1min);
  CHECK(world.retained("rbamp/zzz/ch0/energy") == R"({"import":9.000,"export":0.000,"since":"2025-11-03T12:00:00Z"})");
}

TEST_CASE("registers that were made anew begin below the old ones") {
  PublisherWorld world;
  world.settle();
  world.kill();
  world.make();
  world.publisher->start();
  world.publisher->describe(workshop());
  world.publisher->committed({"workshop", {}, {registers("lights", 2'000'000, 0, counters_made + 24h)}});
  world.loop.run_for(1min);
  CHECK(world.retained(lights_energy) == R"({"import":0.002,"export":0.000,"since":"2025-11-04T12:00:00Z"})");
}

TEST_CASE("garbage on our energy topics does no harm") {
  PublisherWorld world;
  for (const auto* payload : {"", "null", "{}", R"({"import":1e99,"export":0,"since":"2025-11-03T12:00:00Z"})", "\xff"}) {
    world.broker.retained[lights_energy] = payload;
    world.broker.retained["rbamp/stranger/x/energy"] = payload;
    world.make();
    world.publisher->start();
    world.publisher->describe(workshop());
    world.publisher->committed(workshop_minute(7'000'000));
    world.loop.run_for(1min);
    CHECK(world.retained(lights_energy) == R"({"import":0.007,"export":0.012,"since":"2025-11-03T12:00:00Z"})");
    world.kill();
  }
}
