// What an owner does with rbampctl while rbampd runs.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "e2e/daemon/house_config.hpp"
#include "integration/dbus/private_bus.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Answer {
  int status = -1;
  std::string text;
};

/// A metering daemon with one module of a kilowatt, known on a message bus, and rbampctl beside it.
class Home {
 public:
  Home() : config_(folder.write("c.toml", text())) {
    bus.start();
    daemon = std::make_unique<ChildProcess>(e2e::rbampd, std::vector<std::string>{"--config", config_}, environment());
    REQUIRE(daemon->wait_for_notify("READY=1", seconds{20}));
    // The name is taken in the background.
    for (int i = 0; i < 100 && ask({"latch"}).status == 69; ++i) std::this_thread::sleep_for(milliseconds{50});
  }

  [[nodiscard]] std::string text() const {
    // No state file: the modules live in the daemon, and rbampctl must go through it.
    auto config = e2e::one_kilowatt(folder);
    const auto at = config.find("state_file");
    return config.erase(at, config.find('\n', at) + 1 - at);
  }
  Answer ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", config_});
    ChildProcess child{RBAMPCTL, arguments, environment()};
    const auto status = child.wait_for_end(seconds{60});
    return {status.value_or(-1), child.output()};
  }
  [[nodiscard]] std::vector<std::string> environment() const { return {"DBUS_SYSTEM_BUS_ADDRESS=" + bus.address()}; }

  TemporaryDirectory folder;
  dbus::PrivateBus bus;
  std::unique_ptr<ChildProcess> daemon;

 private:
  std::string config_;
};

}  // namespace

TEST_CASE("status answers for monitoring: well, or why not, or that nobody meters") {
  Home home;
  std::this_thread::sleep_for(milliseconds{2500});
  const auto answer = home.ask({"status", "--json"});
  INFO(answer.text);
  const auto status = nlohmann::json::parse(answer.text);
  // Whether the clock of this machine is synchronised is not for the test to say.
  CHECK(answer.status == (status["clock_is_trusted"] == true ? 0 : 1));
  CHECK(status["health"] == (status["clock_is_trusted"] == true ? "healthy" : "degraded"));
  CHECK(status["modules"][0]["id"] == "mains");
  CHECK(status["modules"][0]["reachable"] == true);
  CHECK(status["modules"][0]["channels"][0]["import_wh"].get<double>() > 0.0);
  CHECK(status["modules"][0]["channels"][0]["import_today_wh"].get<double>() > 0.0);
  CHECK(status["ledger"]["problem"] == "");
  home.daemon->send(SIGTERM);
  REQUIRE(home.daemon->wait_for_end(seconds{10}) == 0);
  const auto gone = home.ask({"status"});
  CHECK(gone.status == 2);
  CHECK(gone.text.find("failed: rbampd is not running") != std::string::npos);
}

TEST_CASE("a period that rbampd closed just before it was asked to is the one that is shown") {
  Home home;
  std::this_thread::sleep_for(milliseconds{1500});
  for (int phase = 0; phase < 100; phase += 10) {
    // Periods end with each second.
    const auto next = std::chrono::ceil<seconds>(std::chrono::system_clock::now());
    std::this_thread::sleep_until(next + milliseconds{phase});
    const auto period = home.ask({"period", "mains", "--yes"});
    INFO(phase << " ms after the end of a period: " << period.text);
    CHECK(period.status == 0);
    CHECK(period.text.find("Wh import") != std::string::npos);
  }
}

TEST_CASE("a command to the modules borrows the bus, and no energy is lost or invented by it") {
  Home home;
  std::this_thread::sleep_for(milliseconds{1500});
  const auto read = home.ask({"read", "--json"});
  INFO(read.text);
  REQUIRE(read.status == 0);
  CHECK(nlohmann::json::parse(read.text)["modules"][0]["channels"][0]["power_w"].get<double>() == Approx(1000.0).epsilon(0.001));
  CHECK(home.ask({"scan"}).text.find("lent by rbampd") != std::string::npos);
  CHECK(home.ask({"doctor", "--reads", "50"}).status == 0);
  const auto period = home.ask({"period", "mains", "--yes"});
  INFO(period.text);
  CHECK(period.status == 0);
  CHECK(period.text.find("Wh import") != std::string::npos);
  std::this_thread::sleep_for(milliseconds{1500});
  home.daemon->send(SIGTERM);
  REQUIRE(home.daemon->wait_for_end(seconds{10}) == 0);
  const auto database = home.folder.file("energy.db");
  CHECK(e2e::ask(database, "SELECT count(*) FROM energy_log WHERE quality <> 'measured'") == 0);
  CHECK(std::abs(e2e::ask(database, "SELECT sum(e_import_wh) - 1000.0 * sum(dt_s) / 3600.0 FROM energy_log")) < 1e-3);
}

TEST_CASE("a correction is booked by the running daemon") {
  Home home;
  const auto answer = home.ask({"adjust", "mains", "ch0", "--import", "500", "--reason", "meter was off", "--yes"});
  INFO(answer.text);
  CHECK(answer.status == 0);
  CHECK(e2e::ask(home.folder.file("energy.db"), "SELECT sum(e_import_wh) FROM energy_log WHERE quality = 'adjustment'") == 500.0);
  home.daemon->send(SIGTERM);
  CHECK(home.daemon->wait_for_end(seconds{10}) == 0);
}

TEST_CASE("a reload answers with what was done, and with every problem of a configuration that is refused") {
  Home home;
  CHECK(home.ask({"reload"}).text.find("nothing changed") != std::string::npos);
  home.folder.write("c.toml", home.text() + "\n[deamon]\n");
  const auto refused = home.ask({"reload"});
  CHECK(refused.status != 0);
  CHECK(refused.text.find("did you mean") != std::string::npos);
  // What the unit says: with the number of the process, which has the name.
  home.folder.write("c.toml", home.text());
  CHECK(home.ask({"reload", "--pid", std::to_string(home.daemon->pid())}).text.find("nothing changed") != std::string::npos);
}

TEST_CASE("a reload and a latch answer in JSON, too") {
  Home home;
  const auto reload = nlohmann::json::parse(home.ask({"reload", "--json"}).text);
  CHECK(reload["way"] == "dbus");
  CHECK(reload["done"] == "nothing changed");
  CHECK(nlohmann::json::parse(home.ask({"latch", "--json"}).text) == nlohmann::json{{"is_booked", true}});
}

TEST_CASE("a process that has no name on the bus is told to reload by a signal") {
  Home home;
  const auto other = home.folder.write("d.toml", e2e::one_kilowatt(home.folder));
  home.folder.write("d.toml", "[storage]\npath = \"" + home.folder.file("second.db") +
                                  "\"\n[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n[[simulator.module]]\naddress = 0x50\n");
  ChildProcess second{e2e::rbampd, {"--config", other}, home.environment()};
  REQUIRE(second.wait_for_notify("READY=1", seconds{20}));
  CHECK(home.ask({"reload", "--pid", std::to_string(second.pid())}).text.find("was told to read") != std::string::npos);
  CHECK(second.wait_for_output("The configuration was read again: nothing changed", seconds{5}));
  CHECK(home.daemon->output().find("was read again") == std::string::npos);
}
