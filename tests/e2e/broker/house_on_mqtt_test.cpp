// The real program and a real broker, seen by somebody who only listens, as Home Assistant does.
#include <signal.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "broker_world.hpp"
#include "certificates.hpp"
#include "house_config.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using rbamp::mqtt::Listener;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string energy_topic = "rbamp/mains/ch0/energy";

std::string config(const TemporaryDirectory& folder, std::uint16_t port) {
  return one_kilowatt(folder) + "[mqtt]\nbroker = \"mqtt://127.0.0.1:" + std::to_string(port) + "\"\nlive_interval = \"1s\"\n";
}

bool within(seconds limit, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds{20});
  }
  return true;
}

double import_kwh(const Listener& listener) {
  const auto payload = listener.newest(energy_topic);
  return payload.empty() ? -1.0 : nlohmann::json::parse(payload).at("import").get<double>();
}

/// Every register reading in the order in which it came: none below one before.
bool never_fell(const Listener& listener) {
  double last = -1.0;
  for (const auto& message : listener.seen()) {
    if (message.topic != energy_topic) continue;
    const double now = nlohmann::json::parse(message.payload).at("import").get<double>();
    if (now < last) return false;
    last = now;
  }
  return last >= 0.0;
}

struct World {
  TemporaryDirectory folder;
  Mosquitto broker;
  std::unique_ptr<Listener> listener = std::make_unique<Listener>(broker.port());
  std::string config_file = folder.write("c.toml", config(folder, broker.port()));
  std::unique_ptr<ChildProcess> daemon;

  World() { listener->wait_until_listening(); }
  void start() {
    daemon = std::make_unique<ChildProcess>(rbampd, std::vector<std::string>{"--config", config_file});
    REQUIRE(daemon->wait_for_notify("READY=1", seconds{20}));
  }
  [[nodiscard]] bool is_online() const { return listener->newest("rbamp/status") == "online"; }
};

}  // namespace

TEST_CASE("what a listener is told is what the ledger holds, and the end is told as well") {
  World world;
  world.start();
  REQUIRE(within(seconds{20}, [&] { return world.is_online() && import_kwh(*world.listener) > 0.0005; }));
  const auto home = world.listener->home();
  CHECK(home.complaints().empty());
  CHECK(home.unique_ids().size() > 5);
  world.daemon->send(SIGTERM);
  REQUIRE(world.daemon->wait_for_end(seconds{10}) == 0);
  REQUIRE(within(seconds{5}, [&] { return world.listener->newest("rbamp/status") == "offline"; }));
  // Rounded down to a watt-hour; nothing was booked after it was told.
  const double booked = ask(world.folder.file("energy.db"), "SELECT max(total_import_wh) FROM energy_log");
  CHECK(import_kwh(*world.listener) == Approx(std::floor(booked) / 1000.0).margin(1e-9));
}

TEST_CASE("after kill -9 the broker says offline, and after the restart no reading is lower") {
  World world;
  world.start();
  REQUIRE(within(seconds{20}, [&] { return world.is_online() && import_kwh(*world.listener) > 0.0005; }));
  for (int kill = 0; kill < 3; ++kill) {
    const double before = import_kwh(*world.listener);
    world.daemon->send(SIGKILL);
    REQUIRE(world.daemon->wait_for_end(seconds{5}));
    REQUIRE(within(seconds{5}, [&] { return world.listener->newest("rbamp/status") == "offline"; }));
    world.start();
    REQUIRE(within(seconds{20}, [&] { return world.is_online() && import_kwh(*world.listener) > before; }));
  }
  CHECK(never_fell(*world.listener));
}

TEST_CASE("a daemon that must end because of its ledger says offline, though it closes no period") {
  World world;
  world.start();
  REQUIRE(within(seconds{20}, [&] { return world.is_online() && import_kwh(*world.listener) > 0.0; }));
  damage_beyond_repair(world.folder.file("energy.db"));
  REQUIRE(world.daemon->wait_for_end(seconds{20}) == 75);
  CHECK(within(seconds{5}, [&] { return world.listener->newest("rbamp/status") == "offline"; }));
}

TEST_CASE("a daemon that gives up without a bus says offline") {
  World world;
  world.config_file =
      world.folder.write("no_bus.toml", "[storage]\npath = \"" + world.folder.file("e.db") +
                                            "\"\n[[bus]]\nname = \"main\"\ndevice = \"/dev/i2c-77\"\n[mqtt]\nbroker = "
                                            "\"mqtt://127.0.0.1:" +
                                            std::to_string(world.broker.port()) + "\"\n");
  world.daemon = std::make_unique<ChildProcess>(rbampd, std::vector<std::string>{"--config", world.config_file});
  REQUIRE(within(seconds{20}, [&] { return world.is_online(); }));  // it tries for some seconds
  REQUIRE(world.daemon->wait_for_end(seconds{20}) == 69);
  CHECK(within(seconds{5}, [&] { return world.listener->newest("rbamp/status") == "offline"; }));
}

TEST_CASE("a module that does not answer after a restart is shown as offline") {
  World world;
  world.start();
  REQUIRE(within(seconds{20}, [&] { return world.is_online() && world.listener->newest("rbamp/mains/status") == "online"; }));
  world.daemon->send(SIGTERM);
  REQUIRE(world.daemon->wait_for_end(seconds{10}) == 0);
  REQUIRE(within(seconds{5}, [&] { return world.listener->newest("rbamp/status") == "offline"; }));
  CHECK(world.listener->newest("rbamp/mains/status") == "online");
  std::string text = config(world.folder, world.broker.port());
  const std::string chip = "variant = \"UI1\"\n";
  text.replace(text.find(chip), chip.size(), chip + "plugged = false\n");
  world.config_file = world.folder.write("unplugged.toml", text);
  world.daemon = std::make_unique<ChildProcess>(rbampd, std::vector<std::string>{"--config", world.config_file});
  REQUIRE(within(seconds{20}, [&] { return world.is_online(); }));
  CHECK(world.listener->newest("rbamp/mains/status") == "offline");
}

TEST_CASE("a daemon that finds no broker meters, and tells everything when one comes") {
  World world;
  world.broker.stop();
  world.start();
  REQUIRE(within(seconds{20}, [&] { return ask(world.folder.file("energy.db"), "SELECT count(*) FROM energy_log") >= 2; }));
  world.broker.start();
  REQUIRE(within(seconds{60}, [&] { return world.is_online() && import_kwh(*world.listener) > 0.0; }));
  CHECK(world.listener->home_started_now().complaints().empty());
}

TEST_CASE("a broker that forgot everything is told everything again") {
  World world;
  world.start();
  REQUIRE(within(seconds{20}, [&] { return world.is_online() && import_kwh(*world.listener) > 0.0005; }));
  world.broker.kill();  // its store is not persistent
  world.broker.start();
  const auto known = world.listener->home().unique_ids();
  world.listener.reset();  // two clients of one name would throw each other out
  const Listener newcomer{world.broker.port()};
  REQUIRE(within(seconds{60}, [&] { return newcomer.newest("rbamp/status") == "online" && import_kwh(newcomer) > 0.0; }));
  const auto home = newcomer.home();
  CHECK(home.complaints().empty());
  CHECK(home.unique_ids() == known);
}

TEST_CASE("a threshold that is ordered over MQTT is set on the module, and a refused one is answered with the real value") {
  World world;
  world.start();
  const std::string told = "rbamp/mains/config";
  REQUIRE(within(seconds{20}, [&] { return world.is_online() && !world.listener->newest(told).empty(); }));
  world.listener->publish("rbamp/mains/set/over_current", "16.5");
  REQUIRE(within(seconds{20},
                 [&] { return nlohmann::json::parse(world.listener->newest(told)).at("over_current").get<double>() == 16.5; }));
  const auto answers = [&] {
    std::size_t count = 0;
    for (const auto& message : world.listener->seen()) count += message.topic == told ? 1U : 0U;
    return count;
  };
  for (const char* nonsense : {"a lot", "-1", "1e99", "NaN", ""}) {
    std::this_thread::sleep_for(milliseconds{1100});  // more than one order a second is refused for that
    const auto before = answers();
    world.listener->publish("rbamp/mains/set/over_current", nonsense);
    INFO(nonsense);
    CHECK(within(seconds{10}, [&] { return answers() > before; }));
    CHECK(nlohmann::json::parse(world.listener->newest(told)).at("over_current").get<double>() == 16.5);
  }
}

TEST_CASE("a broker of an unknown authority is taken by the key that says so only, as long as it is there") {
  const CertificateAuthority authority;
  const auto pair = authority.issue("broker", "DNS:localhost");
  Mosquitto::Options options;
  options.ca_file = authority.ca_file();
  options.cert_file = pair.cert_file;
  options.key_file = pair.key_file;
  options.user = "meter";
  options.password = "very secret words";
  const Mosquitto broker{options};
  const TemporaryDirectory folder;
  const auto safe = one_kilowatt(folder) + "[mqtt]\nbroker = \"mqtts://localhost:" + std::to_string(broker.port()) +
                    "\"\nusername = \"meter\"\npassword_file = \"" + folder.write("password", "very secret words\n") + "\"\n";
  const auto open = safe + "insecure_skip_tls_verify = true\n";
  const auto file = folder.write("c.toml", safe);
  ChildProcess daemon{rbampd, {"--config", file}};
  const auto times = [&](const std::string& words) {
    const auto text = daemon.output();
    int count = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
    return count;
  };
  const std::string warning = "mqtt.insecure_skip_tls_verify is true";
  const std::string refusal = "its certificate is not accepted";
  const std::string connected = "connected to the MQTT broker mqtts://localhost";
  const auto reload = [&](const std::string& text) {
    folder.write("c.toml", text);
    daemon.send(SIGHUP);
  };
  REQUIRE(daemon.wait_for_notify("READY=1", seconds{20}));
  REQUIRE(within(seconds{20}, [&] { return times(refusal) == 1; }));
  CHECK(times(connected) == 0);
  CHECK(times(warning) == 0);

  reload(open);
  REQUIRE(within(seconds{20}, [&] { return times(connected) == 1; }));
  CHECK(times(warning) == 1);
  reload(open);  // nothing changed, so the connection stays, and is still one that nobody verified
  REQUIRE(within(seconds{20}, [&] { return times(warning) == 2; }));
  CHECK(times(connected) == 1);

  reload(safe);
  REQUIRE(within(seconds{20}, [&] { return times(refusal) == 2; }));
  CHECK(times(connected) == 1);
  CHECK(times(warning) == 2);
  daemon.send(SIGTERM);
  CHECK(daemon.wait_for_end(seconds{10}) == 0);
  CHECK(times("secret words") == 0);
}

TEST_CASE("a period is closed on order, and a retained order is none") {
  World world;
  std::string text = config(world.folder, world.broker.port());
  text.replace(text.find("\"1s\""), 4, "\"1h\"");
  world.config_file = world.folder.write("slow.toml", text);
  world.listener->publish("rbamp/cmd/latch", "PRESS", true);
  world.start();
  REQUIRE(within(seconds{20}, [&] { return world.is_online(); }));
  const auto periods = [&] {
    return ask(world.folder.file("energy.db"), "SELECT count(*) FROM energy_log WHERE quality = 'measured'");
  };
  std::this_thread::sleep_for(seconds{2});
  const auto before = periods();
  world.listener->publish("rbamp/cmd/latch", "PRESS");
  CHECK(within(seconds{10}, [&] { return periods() == before + 1; }));
}
