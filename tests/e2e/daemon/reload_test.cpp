// The real program under a changed configuration: SIGHUP, as `systemctl reload` sends it.
#include <signal.h>

#include <fstream>
#include <thread>

#include "house_config.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("SIGHUP applies a changed configuration without a restart, a gap, or a split period") {
  const TemporaryDirectory folder;
  const auto text = one_kilowatt(folder);
  const auto config = folder.write("c.toml", text);
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  std::this_thread::sleep_for(milliseconds{2500});
  folder.write("c.toml", replaced(text, "role = \"load\"", "name = \"Heat pump\"\nrole = \"other\""));
  child.send(SIGHUP);
  CHECK(child.wait_for_notify("RELOADING=1", seconds{5}));
  CHECK(child.notifications().find("MONOTONIC_USEC=") != std::string::npos);
  CHECK(child.wait_for_output("The configuration was read again: it is in force", seconds{5}));
  std::this_thread::sleep_for(milliseconds{2500});
  child.send(SIGTERM);
  REQUIRE(child.wait_for_end(seconds{10}) == 0);
  const auto reloading = child.notifications().find("RELOADING=1");
  CHECK(child.notifications().find("READY=1", reloading) != std::string::npos);
  const auto database = folder.file("energy.db");
  CHECK(ask(database, "SELECT count(*) FROM energy_log WHERE quality <> 'measured'") == 0);
  // The first line begins at the first latch, the last one ends with SIGTERM.
  CHECK(ask(database,
            "SELECT count(*) FROM energy_log WHERE dt_s < 0.9 AND ts < (SELECT max(ts) FROM energy_log) AND ts > "
            "(SELECT min(ts) FROM energy_log)") == 0);
  CHECK(std::abs(ask(database, "SELECT sum(e_import_wh) - 1000.0 * sum(dt_s) / 3600.0 FROM energy_log")) < 1e-3);
}

TEST_CASE("a configuration with problems is refused with all of them, and the old one stays in force") {
  const TemporaryDirectory folder;
  const auto text = one_kilowatt(folder);
  const auto config = folder.write("c.toml", text);
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  folder.write("c.toml", replaced(replaced(text, "period = \"1s\"", "period = \"1x\""), "role = \"load\"", "rolle = \"load\""));
  child.send(SIGHUP);
  CHECK(child.wait_for_output(config + ":2:1: error: ", seconds{5}));
  CHECK(child.wait_for_output("did you mean \"role\"", seconds{5}));
  CHECK(child.wait_for_output("the old one stays in force", seconds{5}));
  CHECK(child.wait_for_notify("the changed configuration has 2 problems", seconds{5}));
  std::this_thread::sleep_for(milliseconds{2500});
  folder.write("c.toml", text);
  child.send(SIGHUP);
  CHECK(child.wait_for_output("The configuration was read again: nothing changed", seconds{5}));
  child.send(SIGTERM);
  CHECK(child.wait_for_end(seconds{10}) == 0);
  CHECK(ask(folder.file("energy.db"), "SELECT count(*) FROM energy_log") >= 2);
}

TEST_CASE("what cannot be changed while running is named") {
  const TemporaryDirectory folder;
  const auto text = one_kilowatt(folder);
  const auto config = folder.write("c.toml", text);
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  folder.write("c.toml", replaced(text, "[storage]", "timezone = \"Asia/Tokyo\"\n[storage]"));
  child.send(SIGHUP);
  CHECK(child.wait_for_output("not applied before a restart: daemon.timezone", seconds{5}));
  child.send(SIGTERM);
  CHECK(child.wait_for_end(seconds{10}) == 0);
}
