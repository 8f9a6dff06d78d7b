// Bad networks between the publisher and a real mosquitto.
#include "../../unit/mqtt/house.hpp"
#include "broker_world.hpp"
#include "proxy.hpp"
#include "support/catch.hpp"
#include "support/mqtt_heap.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

TEST_CASE("a slow network only makes it slower") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  proxy.set_delay(150ms);
  BrokerWorld world{proxy.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(listener.home().complaints().empty());
  CHECK(listener.home().state("rbamp_workshop_sockets_energy_import") == "88.001");
}

TEST_CASE("a connection that is cut at any point of the announcement is made good by the next one") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  const int cut_after = GENERATE(0, 1, 30, 120, 200, 900, 5000);
  CAPTURE(cut_after);
  proxy.set_cut_after(cut_after);
  BrokerWorld world{proxy.port()};
  world.begin();
  world.until([&] { return proxy.connections() >= 2; });
  proxy.set_cut_after(-1);
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(listener.home().complaints().empty());
  CHECK(listener.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(listener.home().unique_ids().size() == 28);
}

TEST_CASE("a corrupted stream is survived") {
  support::Mosquitto broker;
  support::Proxy proxy{broker.port()};
  proxy.set_corruption(GENERATE(7, 61, 997));
  BrokerWorld world{proxy.port()};
  world.begin();
  for (int i = 0; i < 10; ++i) {
    world.run_for(200ms);
    world.publisher->daemon_state(daemon_state(static_cast<std::uint32_t>(i)));
  }
  proxy.set_corruption(0);
  proxy.cut();
  Listener listener{broker.port()};
  // What was corrupted inside a payload is on the broker as it is, until the next connection puts it right.
  world.until([&] { return listener.count("rbamp/status", "online") > 0 && listener.newest("rbamp/state").ends_with("}"); });
  world.until([&] { return world.publisher->is_online(); });
  CHECK(listener.home_started_now().state("rbamp_workshop_lights_energy_import") == "1234.567");
}

TEST_CASE("a broker that only speaks 3.1.1 is spoken to in 3.1.1") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  proxy.set_refusing_v5(true);
  BrokerWorld world{proxy.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(world.sink.contains("(MQTT 3.1.1)"));
  CHECK(proxy.connections() == 2);
  CHECK(world.stop() <= 500ms);
  world.until([&] { return listener.newest("rbamp/status") == "offline"; });
}

TEST_CASE("a stop behind more than a 3.1.1 broker takes in time leaves offline behind all the same") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  proxy.set_refusing_v5(true);
  BrokerWorld world{proxy.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  world.run_for(200ms);
  proxy.set_swallowing(true);
  for (int i = 0; i < 3 * static_cast<int>(Publisher::window); ++i) {  // each a module of its own: none replaces another
    world.publisher->describe(module_of("UI1", "m" + std::to_string(i), "More"));
    world.publisher->set_reachable("m" + std::to_string(i), true);
  }
  world.run_for(50ms);
  CHECK(world.stop() <= 600ms);
  world.publisher.reset();
  world.connection.reset();
  CHECK(listener.newest("rbamp/status") == "online");
  proxy.set_swallowing(false);  // what is under way arrives after all
  world.until([&] { return listener.newest("rbamp/status") == "offline"; });
}

TEST_CASE("a network that swallows everything does not hold up the stop") {
  support::Mosquitto broker;
  support::Proxy proxy{broker.port()};
  BrokerWorld world{proxy.port()};
  world.begin();
  world.until_online();
  world.run_for(200ms);
  proxy.set_swallowing(true);
  CHECK(world.stop() <= 600ms);
}

TEST_CASE("a hundred connections, one after the other, are a hundred good ones, and leave no memory behind") {
  support::Mosquitto broker;
  support::Proxy proxy{broker.port()};
  const support::TemporaryDirectory folder;
  BrokerWorld world{proxy.port()};
  world.options.mqtt.password_file = folder.write("password", "nobody asks for it");
  world.begin();
  world.until_online();
  constexpr int times = 100;
  std::size_t heap = 0;
  for (int i = 0; i < times; ++i) {
    folder.write("password", "number " + std::to_string(i));
    world.publisher->refresh();
    world.until([&] { return proxy.connections() == i + 2 && world.publisher->is_online(); });
    if (i == times / 10) heap = support::heap_in_use();
  }
  CHECK(support::heap_in_use() < heap + 200'000);  // the log that the test keeps is in it
  CHECK(proxy.connections() == times + 1);
  CHECK(world.sink.count(log::Level::warning) == 0);
}
