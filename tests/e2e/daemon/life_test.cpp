// The real program as systemd and a power button treat it: ready, watchdog, SIGTERM, a damaged ledger.
#include <signal.h>

#include <filesystem>
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

/// Booked energy against a constant kilowatt over the covered time, in Wh.
double error_wh(const std::string& database) {
  return ask(database, "SELECT sum(e_import_wh) - 1000.0 * sum(dt_s) / 3600.0 FROM energy_log WHERE quality <> 'gap'");
}

}  // namespace

TEST_CASE("ready, three periods, SIGTERM: ended in order within 2 s with the last period booked") {
  const TemporaryDirectory folder;
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", one_kilowatt(folder))}, {"WATCHDOG_USEC=1000000"}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  CHECK(child.wait_for_notify("STATUS=", seconds{1}));
  CHECK(child.wait_for_notify("WATCHDOG=1", seconds{5}));
  std::this_thread::sleep_for(milliseconds{3500});
  const auto begin = std::chrono::steady_clock::now();
  child.send(SIGTERM);
  CHECK(child.wait_for_end(seconds{10}) == 0);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{2});
  CHECK(child.notifications().find("STOPPING=1") != std::string::npos);
  const auto database = folder.file("energy.db");
  CHECK(ask(database, "SELECT count(*) FROM energy_log") >= 3);
  CHECK(std::abs(error_wh(database)) < 1e-4);
  CHECK(ask_text(database, "SELECT group_concat(DISTINCT module || '/' || channel) FROM energy_log") == "mains/ch0");
  CHECK(ask(database, "SELECT sum(import_wh) FROM daily_energy") ==
        Approx(ask(database, "SELECT sum(e_import_wh) FROM energy_log")));
}

TEST_CASE("totals go on after a restart, and the down time is recovered while the module kept power") {
  const TemporaryDirectory folder;
  const auto config = folder.write("c.toml", one_kilowatt(folder));
  double before = 0.0;
  {
    ChildProcess child{rbampd, {"--config", config}};
    REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
    std::this_thread::sleep_for(milliseconds{2500});
    child.send(SIGTERM);
    REQUIRE(child.wait_for_end(seconds{10}) == 0);
    before = ask(folder.file("energy.db"), "SELECT max(total_import_wh) FROM energy_log");
  }
  std::this_thread::sleep_for(milliseconds{1500});
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  std::this_thread::sleep_for(milliseconds{2500});
  child.send(SIGTERM);
  REQUIRE(child.wait_for_end(seconds{10}) == 0);
  const auto database = folder.file("energy.db");
  CHECK(ask(database, "SELECT max(total_import_wh) FROM energy_log") > before);
  CHECK(ask(database, "SELECT count(*) FROM energy_log WHERE quality = 'recovered'") >= 1);
  CHECK(ask(database, "SELECT count(*) FROM energy_log WHERE quality = 'gap'") == 0);
  CHECK(std::abs(error_wh(database)) < 1e-4);
}

TEST_CASE("after a power cut the gap is booked, although the last line left all but a micro-watt-hour over") {
  const TemporaryDirectory folder;
  const auto config = folder.write("c.toml", one_kilowatt(folder));
  const auto database = folder.file("energy.db");
  {
    ChildProcess child{rbampd, {"--config", config}};
    REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
    std::this_thread::sleep_for(milliseconds{2500});
    child.send(SIGKILL);
    REQUIRE(child.wait_for_end(seconds{10}));
  }
  {
    SQLite::Database file{database, SQLite::OPEN_READWRITE};
    // 32767 of 32767: what floating point leaves of a whole one, 0.9999999, is kept as that.
    REQUIRE(file.exec("UPDATE closings SET import_remainders = 32767 WHERE id = (SELECT max(id) FROM closings)") == 1);
  }
  std::filesystem::remove(folder.file("house.state"));  // the modules begin anew, as after a power cut
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  std::this_thread::sleep_for(milliseconds{3000});
  child.send(SIGTERM);
  INFO(child.output());
  CHECK(child.wait_for_end(seconds{10}) == 0);
  CHECK(ask(database, "SELECT count(*) FROM energy_log WHERE quality = 'gap'") == 1);
  CHECK(ask(database, "SELECT sum(e_import_wh) FROM energy_log WHERE quality = 'gap'") == 0.0);
}

TEST_CASE("a ledger that is damaged while it is used is repaired by the running process, and no period is lost") {
  const TemporaryDirectory folder;
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", one_kilowatt(folder))}};
  const auto database = folder.file("energy.db");
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  std::this_thread::sleep_for(milliseconds{2200});
  const double before = ask(database, "SELECT max(total_import_wh) FROM energy_log");
  damage(database);
  REQUIRE(child.wait_for_output("The ledger was opened anew", seconds{20}));
  std::this_thread::sleep_for(milliseconds{2200});
  child.send(SIGTERM);
  INFO(child.output());
  REQUIRE(child.wait_for_end(seconds{10}) == 0);
  CHECK(ask(database, "SELECT max(total_import_wh) FROM energy_log") > before);
  CHECK(ask(database, "SELECT count(*) FROM energy_log WHERE quality = 'gap'") == 0);
  CHECK(std::abs(error_wh(database)) < 1e-4);
  CHECK(child.output().find("The ledger lacks") == std::string::npos);
}

TEST_CASE("a ledger full of garbage is set aside with a clear record, and metering goes on") {
  const TemporaryDirectory folder;
  const auto config = folder.write("c.toml", one_kilowatt(folder));
  {
    ChildProcess child{rbampd, {"--config", config}};
    REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
    std::this_thread::sleep_for(milliseconds{2200});
    child.send(SIGTERM);
    REQUIRE(child.wait_for_end(seconds{10}) == 0);
  }
  {
    std::fstream file{folder.file("energy.db"), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(1024);
    for (int i = 0; i < 4000; ++i) file.put(static_cast<char>(i * 7));
  }
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  std::this_thread::sleep_for(milliseconds{2200});
  child.send(SIGTERM);
  REQUIRE(child.wait_for_end(seconds{10}) == 0);
  CHECK(ask(folder.file("energy.db"), "SELECT count(*) FROM energy_log") >= 1);
  CHECK(child.output().find("Ledger:") != std::string::npos);
}
