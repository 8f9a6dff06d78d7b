// The publisher against a real mosquitto: plain connections, its life and its end.
#include "broker_world.hpp"
#include "log/message_ids.hpp"
#include "proxy.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

TEST_CASE("everything that is metered appears in Home Assistant, within a second of the connection") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  BrokerWorld world{broker.port()};
  world.begin();
  world.until([&] { return world.sink.contains("connected to the MQTT broker"); });
  const auto connected = std::chrono::steady_clock::now();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(std::chrono::steady_clock::now() - connected < 1s);

  const auto home = listener.home();
  CHECK(home.complaints().empty());
  CHECK(home.unique_ids().size() == 28);
  CHECK(home.state("rbamp_connectivity") == "on");
  CHECK(home.state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(home.state("rbamp_workshop_lights_power") == "348.2");
  CHECK(world.sink.contains("(MQTT 5)"));

  const auto commands = home.command_topics();
  REQUIRE(commands.size() == 2);
  world.run_for(100ms);  // the subscriptions to commands are confirmed after online
  for (const auto& topic : commands) listener.publish(topic, "PRESS");
  world.until([&] { return world.fleet.latches == 1 && world.fleet.restarts.size() == 1; });
  CHECK(world.fleet.restarts.front() == "workshop");
}

TEST_CASE("an orderly stop leaves offline behind within half a second") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  BrokerWorld world{broker.port()};
  world.begin();
  world.until_online();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(world.stop() <= 500ms);
  world.until([&] { return listener.newest("rbamp/status") == "offline"; });
  CHECK(listener.home().state("rbamp_connectivity") == "off");
  CHECK(listener.home().state("rbamp_workshop_lights_power") == "unavailable");
  const auto begin = std::chrono::steady_clock::now();
  world.publisher.reset();
  world.connection.reset();
  CHECK(std::chrono::steady_clock::now() - begin < 500ms);
}

TEST_CASE("a daemon that dies without a word is offline by its will, and comes back with the same reading") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  {
    BrokerWorld world{proxy.port()};
    world.begin();
    world.until([&] { return listener.newest("rbamp/status") == "online"; });
    proxy.cut();
    world.until([&] { return listener.newest("rbamp/status") == "offline"; });
  }
  BrokerWorld next{broker.port()};
  next.make();
  next.publisher->start();
  next.meter(1'000'000'000'000);  // an older database
  next.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(listener.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(next.sink.contains("the ledger is behind"));
}

TEST_CASE("a connection that is given up without a farewell leaves offline behind, in either version of MQTT") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  proxy.set_refusing_v5(GENERATE(false, true));
  BrokerWorld world{proxy.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  world.publisher.reset();
  world.connection.reset();
  world.until([&] { return listener.newest("rbamp/status") == "offline"; });
  CHECK(listener.home().state("rbamp_workshop_lights_power") == "unavailable");
}

TEST_CASE("a changed password makes a new connection, offline in between, an unchanged one none") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  support::Proxy proxy{broker.port()};
  proxy.set_refusing_v5(GENERATE(false, true));
  const support::TemporaryDirectory folder;
  BrokerWorld world{proxy.port()};
  world.options.mqtt.password_file = folder.write("password", "nobody asks for it");
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  const int connections = proxy.connections();
  world.publisher->refresh();
  world.run_for(500ms);
  CHECK(proxy.connections() == connections);
  CHECK(listener.newest("rbamp/status") == "online");
  folder.write("password", "another");
  world.publisher->refresh();
  world.until([&] { return listener.newest("rbamp/status") == "offline"; });
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(proxy.connections() > connections);
  CHECK(world.sink.count(log::Level::warning) == 0);
}

TEST_CASE("it starts without a broker and connects when there is one") {
  const auto port = support::free_port();
  BrokerWorld world{port};
  world.begin();
  world.until([&] { return world.sink.contains("no connection to the MQTT broker"); });
  CHECK_FALSE(world.publisher->is_online());
  const support::Mosquitto broker{{}, port};
  world.until_online();
  CHECK(world.sink.count_id(log::message_id::broker_back) == 1);
}

TEST_CASE("stopping while there is no broker is quick") {
  BrokerWorld world{support::free_port()};
  world.make();
  world.publisher->start();
  world.run_for(100ms);
  CHECK(world.stop() < 500ms);
}

TEST_CASE("a broker that is restarted gets everything again within a reconnect and five seconds") {
  const bool is_persistent = GENERATE(false, true);
  CAPTURE(is_persistent);
  support::Mosquitto::Options options;
  options.is_persistent = is_persistent;
  support::Mosquitto broker{options};
  BrokerWorld world{broker.port()};
  world.begin();
  world.until_online();
  world.run_for(500ms);
  const bool is_killed = GENERATE(false, true);
  if (is_killed) {
    broker.kill();
  } else {
    broker.stop();
  }
  world.until([&] { return world.sink.count_id(log::message_id::broker_lost) == 1; });
  broker.start();
  const auto begin = std::chrono::steady_clock::now();
  Listener listener{broker.port()};
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  CHECK(std::chrono::steady_clock::now() - begin < 8s);  // a pause of at most 2.5 s, the distance of configs of 5 s
  CHECK(listener.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
  CHECK(listener.home().unique_ids().size() == 28);
}

TEST_CASE("a broker that hangs does not hold up the stop") {
  support::Mosquitto broker;
  BrokerWorld world{broker.port()};
  world.begin();
  world.until_online();
  world.run_for(200ms);
  broker.freeze();
  CHECK(world.stop() <= 600ms);
  const auto begin = std::chrono::steady_clock::now();
  world.publisher.reset();
  world.connection.reset();
  CHECK(std::chrono::steady_clock::now() - begin < 600ms);
  broker.thaw();
}

TEST_CASE("a device that somebody deletes in Home Assistant stays deleted until the next birth") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  BrokerWorld world{broker.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  const std::string topic = "homeassistant/device/rbamp_workshop/config";
  listener.publish(topic, "", true);
  world.until([&] { return world.sink.contains("somebody deleted the device rbamp_workshop"); });
  world.meter();
  world.run_for(300ms);
  CHECK(listener.newest(topic).empty());
  listener.publish("homeassistant/status", "online");
  world.until([&] { return !listener.newest(topic).empty(); });
}

TEST_CASE("retained and malformed commands do nothing") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  listener.publish("rbamp/cmd/latch", "PRESS", true);
  listener.publish("rbamp/workshop/set/over_current", "20", true);
  BrokerWorld world{broker.port()};
  world.begin();
  world.until([&] { return world.sink.contains("the command is retained"); });
  listener.publish("rbamp/workshop/cmd/restart", std::string(100'000, 'x'));
  listener.publish("rbamp/cmd/latch", std::string(300'000, 'x'));
  listener.publish("rbamp/cmd/latch", "");
  world.run_for(300ms);
  CHECK(world.fleet.latches == 0);
  CHECK(world.fleet.restarts.empty());
  CHECK(world.settings.orders.empty());
  CHECK(world.publisher->is_online());
}

TEST_CASE("a setting goes from Home Assistant to the module, and what the module really has comes back") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  BrokerWorld world{broker.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  world.run_for(300ms);  // the subscriptions to commands are confirmed after online
  const auto home = listener.home();
  CHECK(home.complaints().empty());
  CHECK(home.state("rbamp_workshop_over_current") == "16.0");
  CHECK(home.state("rbamp_workshop_sockets_ct_model") == "SCT-013-010");
  const std::string shown = listener.newest("rbamp/workshop/config");
  const auto answers = listener.count("rbamp/workshop/config", shown);
  listener.publish(home.command_topic("rbamp_workshop_over_current"), "20");
  world.until([&] { return listener.count("rbamp/workshop/config", shown) > answers; });
  CHECK(world.settings.orders.size() == 1);
  CHECK(world.sink.contains("the module refused it"));
  CHECK(listener.home().state("rbamp_workshop_over_current") == "16.0");
}

TEST_CASE("entities of another program are found on the broker and taken over") {
  support::Mosquitto broker;
  Listener listener{broker.port()};
  const std::string old_topic = "homeassistant/sensor/oldmeter/u/config";
  listener.publish(old_topic, R"({"uniq_id":"old_u","dev_cla":"voltage","name":"Voltage","dev":{"ids":["x"],"name":"Old"}})",
                   true);
  BrokerWorld world{broker.port()};
  world.begin();
  world.until([&] { return listener.newest("rbamp/status") == "online"; });
  std::vector<ForeignEntity> found;
  world.publisher->survey([&found](Result<std::vector<ForeignEntity>> answer) { found = std::move(answer).value(); });
  world.until([&] { return !found.empty(); });
  const auto plan = plan_take_over(*world.publisher->document_of("workshop"), found, "oldmeter", {});
  REQUIRE(plan);
  REQUIRE(world.publisher->take_over("workshop", plan->adoption, {old_topic}));
  world.until([&] { return !listener.newest("homeassistant/device/oldmeter/config").empty(); });
  CHECK(listener.newest(old_topic) == R"({"migrate_discovery": true})");
  CHECK(listener.home_started_now().state("old_u") == "230.4");
  world.until([&] { return listener.newest(old_topic).empty(); });
  REQUIRE(listener.newest("homeassistant/device/rbamp_workshop/config").empty());
}

TEST_CASE("two daemons with one client id do not flood the log") {
  support::Mosquitto broker;
  BrokerWorld one{broker.port()};
  BrokerWorld other{broker.port()};
  one.make();
  other.make();
  one.publisher->start();
  one.until_online();
  other.publisher->start();
  for (int i = 0; i < 60; ++i) {  // two loops in one thread, in turns
    one.run_for(50ms);
    other.run_for(50ms);
  }
  CHECK(one.sink.count(log::Level::warning) >= 1);
  CHECK(one.sink.count(log::Level::warning) <= 2);
  CHECK(other.sink.count(log::Level::warning) <= 2);
  CHECK(one.sink.contains("does another client use the client id rbampd?"));
}
