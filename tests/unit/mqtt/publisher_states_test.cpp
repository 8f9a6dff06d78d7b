#include <algorithm>
#include <random>

#include "mqtt/state_payload.hpp"
#include "publisher_world.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

TEST_CASE("live states go out at the interval, however often windows come") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  for (int i = 0; i < 300; ++i) {  // a minute of windows
    world.publisher->live(workshop_reading(i));
    world.loop.run_for(200ms);
  }
  const auto sent = world.broker.payloads(lights_state);
  CHECK(sent.size() >= 12);
  CHECK(sent.size() <= 13);
  world.loop.run_for(5s);
  CHECK(world.home().state("rbamp_workshop_lights_power") == "299.0");
}

TEST_CASE("the loop is not woken for live states when no window comes") {
  PublisherWorld world;
  world.settle();
  world.publisher->live(workshop_reading());
  world.loop.run_for(2min);
  CHECK(world.loop.timers() == 0);
  const auto before = world.broker.sent.size();
  world.loop.run_for(1h);
  CHECK(world.broker.sent.size() == before);
}

TEST_CASE("a window after a pause is published at once") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  world.publisher->live(workshop_reading(1.0));
  world.loop.run_ready();
  CHECK(world.broker.count(lights_state) == 1);
}

TEST_CASE("with a live interval of zero the newest reading goes out with each commit") {
  PublisherWorld world;
  world.options.mqtt.live_interval = {};
  world.make();
  world.settle();
  world.broker.sent.clear();
  for (int i = 0; i < 10; ++i) {
    world.publisher->live(workshop_reading(i));
    world.loop.run_for(6s);
  }
  CHECK(world.broker.count(lights_state) == 0);
  world.publisher->committed(workshop_minute(1'234'568'000'000));
  world.loop.run_ready();
  CHECK(world.broker.payloads(lights_state) == std::vector<std::string>{channel_state_payload(workshop_reading(9).channels[0])});
}

TEST_CASE("each commit gives registers and one period message per channel, not retained") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  world.publisher->committed(workshop_minute(1'234'572'803'333));
  world.loop.run_ready();
  CHECK(world.broker.payloads(lights_energy) ==
        std::vector<std::string>{R"({"import":1234.572,"export":0.012,"since":"2025-11-03T12:00:00Z"})"});
  CHECK(world.broker.count(lights_period) == 1);
  CHECK(world.broker.count("rbamp/workshop/sockets/period") == 1);
  CHECK(world.retained(lights_period) == "none");
  for (const auto& entry : world.broker.sent) CHECK(entry.message.is_retained == !entry.message.topic.ends_with("/period"));
}

TEST_CASE("several postings of one commit are several period messages, in order") {
  PublisherWorld world;
  world.settle();
  auto commit = workshop_minute(1'234'600'000'000);
  auto second = commit.postings[0];
  second.quality = metering::Quality::recovered;
  commit.postings.push_back(second);
  world.broker.sent.clear();
  world.publisher->committed(commit);
  world.loop.run_ready();
  const auto periods = world.broker.payloads(lights_period);
  REQUIRE(periods.size() == 2);
  CHECK(periods[0].find("measured") != std::string::npos);
  CHECK(periods[1].find("recovered") != std::string::npos);
}

TEST_CASE("reachability is published as it is told, and unreachable makes entities unavailable") {
  PublisherWorld world;
  world.settle();
  world.publisher->set_reachable("workshop", false);
  world.loop.run_ready();
  CHECK(world.home().state("rbamp_workshop_lights_power") == "unavailable");
  CHECK(world.home().state("rbamp_workshop_reachable") == "off");
  CHECK(world.home().state("rbamp_connectivity") == "on");
}

TEST_CASE("a problem is told at once, an error counter only at the live interval") {
  PublisherWorld world;
  world.settle();
  world.publisher->daemon_state(daemon_state(1, "bus main is wedged"));
  world.loop.run_ready();
  CHECK(world.home().state("rbamp_problem") == "on");
  world.broker.sent.clear();
  for (std::uint64_t i = 1; i <= 100; ++i) {
    auto state = daemon_state(1, "bus main is wedged");
    state.bus_errors = i;
    world.publisher->daemon_state(state);
    world.loop.run_for(100ms);
  }
  CHECK(world.broker.count("rbamp/state") <= 3);
  world.loop.run_for(5s);
  CHECK(world.home().state("rbamp_bus_errors") == "100");
}

TEST_CASE("any sequence of commits, losses and restarts never shows a falling register") {
  std::mt19937 random{5};
  std::uniform_int_distribution<int> dice{0, 19};
  std::uniform_int_distribution<std::int64_t> step{0, 3'000'000};
  PublisherWorld world;
  world.settle();
  std::int64_t ledger = 1'234'567'000'000;
  for (int i = 0; i < 600; ++i) {
    switch (dice(random)) {
      case 0: world.broker.lose(); break;
      case 1:
        world.kill();
        world.make();
        world.publisher->start();
        world.publisher->describe(workshop());
        break;
      case 2: world.loop.run_for(90s); break;
      case 3: ledger -= 5'000'000; break;  // an older database
      default: ledger += step(random);
    }
    world.publisher->committed(workshop_minute(ledger));
    world.loop.run_for(700ms);
  }
  std::optional<ShownRegisters> last;
  std::size_t seen = 0;
  for (const auto& payload : world.broker.payloads(lights_energy)) {
    const auto shown = parse_energy(payload);
    REQUIRE(shown);
    if (last) REQUIRE(shown->import_wh >= last->import_wh);
    CHECK(payload.find_first_of("eE", payload.find("import") + 6) == payload.find("export"));
    last = shown;
    ++seen;
  }
  CHECK(seen > 200);
}

TEST_CASE("a register that a person sets lower is held where it was published, and the reason is told") {
  PublisherWorld world;
  world.settle();
  auto line = workshop_minute(1'200'000'000'000);
  line.postings.pop_back();
  line.postings[0].quality = metering::Quality::adjustment;
  line.postings[0].reason = metering::Reason::meter_takeover;
  line.postings[0].energy_import = MicroWattHours{-34'567'000'000};
  world.publisher->committed(line);
  world.loop.run_for(1min);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(
      world.sink.contains("a correction set a register lower than what was published on rbamp/workshop/lights/energy (1200.000"));
  CHECK_FALSE(world.sink.contains("an older database"));
  CHECK(world.sink.count(log::Level::warning) == 1);
}

TEST_CASE("a lower register is shown when the broker holds nothing of the higher one any more") {
  PublisherWorld world;
  world.settle();
  world.kill();
  world.broker.publish_as_other({lights_energy, "", true});
  world.make();
  world.publisher->start();
  world.publisher->describe(workshop());
  world.publisher->committed(workshop_minute(1'200'000'000'000));
  world.loop.run_for(1min);
  CHECK(world.retained(lights_energy) == R"({"import":1200.000,"export":0.012,"since":"2025-11-03T12:00:00Z"})");
  CHECK_FALSE(world.sink.contains("the ledger is behind"));
}

TEST_CASE("a channel that is no longer described leaves no retained state behind") {
  PublisherWorld world;
  auto whole = workshop();
  whole.has_demand = true;
  world.settle();
  world.publisher->describe(whole);
  const metering::DemandReport report{"workshop", "sockets", std::chrono::minutes{15}, {Watts{1000.0}, Watts{2000.0}, {}, {}}};
  world.publisher->demand(report);
  world.loop.run_for(1min);
  REQUIRE(world.retained("rbamp/workshop/sockets/state") != "none");
  REQUIRE(world.retained("rbamp/workshop/sockets/energy") != "none");
  REQUIRE(world.retained("rbamp/workshop/sockets/demand") != "none");
  auto smaller = whole;
  smaller.channels.pop_back();

  SECTION("when the description changes") { world.publisher->describe(smaller); }
  SECTION("when the module is taken away and comes back, as in a reload") {
    world.publisher->removed("workshop");
    world.loop.run_for(1s);
    world.publisher->describe(smaller);
  }
  SECTION("when the broker is away meanwhile") {
    world.broker.lose();
    world.loop.run_ready();
    world.publisher->removed("workshop");
    world.publisher->describe(smaller);
  }
  SECTION("when it was described by the process before") {
    world.kill();
    world.make();
    world.publisher->start();
    world.publisher->describe(smaller);
  }
  SECTION("when the module is found after the start of the next process") {
    world.kill();
    world.make();
    world.publisher->start();
    world.loop.run_for(20s);
    world.publisher->describe(smaller);
  }
  world.loop.run_for(2min);
  world.publisher->live(workshop_reading());
  world.publisher->committed(workshop_minute(1'234'567'000'000));
  world.loop.run_for(1min);
  CHECK(world.retained("rbamp/workshop/sockets/state") == "none");
  CHECK(world.retained("rbamp/workshop/sockets/energy") == "none");
  CHECK(world.retained("rbamp/workshop/sockets/demand") == "none");
  CHECK(world.retained(lights_energy) != "none");
  CHECK(world.retained(lights_state) != "none");
}

TEST_CASE("a channel that comes back under its old id keeps what is retained of it") {
  PublisherWorld world;
  world.settle();
  world.publisher->removed("workshop");
  world.loop.run_for(1s);
  world.broker.sent.clear();
  world.publisher->describe(workshop());
  world.loop.run_for(1min);
  CHECK(world.retained(lights_energy) != "none");
  const auto energies = world.broker.payloads(lights_energy);
  CHECK(std::find(energies.begin(), energies.end(), "") == energies.end());
}

TEST_CASE("an event goes out at once, is not retained, and is not kept for a broker that is away") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  metering::Event event;
  event.module_id = "workshop";
  event.kind = metering::EventKind::under_voltage;
  event.utc = now_utc;
  event.text = "the voltage is 200.0 V, below 207.0 V";
  world.publisher->event(event);
  world.loop.run_ready();
  CHECK(world.broker.payloads("rbamp/workshop/event") == std::vector<std::string>{event_payload(event)});
  CHECK(world.retained("rbamp/workshop/event") == "none");
  world.broker.lose();
  world.loop.run_ready();
  world.publisher->event(event);
  world.loop.run_for(2min);
  CHECK(world.broker.count("rbamp/workshop/event") == 1);
}

TEST_CASE("demand is announced and shown for modules that have it, also after a reconnect") {
  PublisherWorld world;
  auto module = workshop();
  module.has_demand = true;
  world.settle();
  world.publisher->describe(module);
  const metering::DemandReport report{"workshop", "lights", std::chrono::minutes{15}, {Watts{1000.0}, Watts{2000.0}, {}, {}}};
  world.publisher->demand(report);
  world.loop.run_for(40s);
  CHECK(world.retained("rbamp/workshop/lights/demand") == demand_payload(report));
  CHECK(world.home().state("rbamp_workshop_lights_demand") == "1000.0");
  CHECK(world.home().state("rbamp_workshop_lights_demand_forecast") == "2000.0");
  CHECK(world.home().complaints().empty());
  world.broker.retained.erase("rbamp/workshop/lights/demand");
  world.broker.lose();
  world.loop.run_for(2min);
  CHECK(world.retained("rbamp/workshop/lights/demand") == demand_payload(report));
}

TEST_CASE("a module that is no longer metered is offline, keeps its entities, and can be forgotten") {
  PublisherWorld world;
  world.settle();
  CHECK_FALSE(world.publisher->forget("workshop"));
  world.publisher->removed("workshop");
  world.loop.run_ready();
  CHECK(world.retained("rbamp/workshop/status") == "offline");
  CHECK(world.retained(workshop_config) != "none");
  CHECK(world.publisher->forget("workshop"));
  world.loop.run_for(5s);
  CHECK(world.retained(workshop_config) == "none");
  world.publisher->describe(workshop());
  world.publisher->set_reachable("workshop", true);
  world.loop.run_for(40s);
  CHECK(world.retained("rbamp/workshop/status") == "online");
}
