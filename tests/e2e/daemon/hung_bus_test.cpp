// The real program with two buses of which one hangs when it is told to stop.
#include <signal.h>

#include <thread>

#include "house_config.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string two_buses(const TemporaryDirectory& folder) {
  return "[daemon]\nperiod = \"1h\"\n[storage]\npath = \"" + folder.file("energy.db") +
         "\"\n[[bus]]\nname = \"roof\"\ndriver = \"simulator\"\n[[bus]]\nname = \"cellar\"\ndriver = \"simulator\"\n"
         "[[module]]\nid = \"solar\"\nbus = \"roof\"\naddress = 0x50\nrole = \"grid\"\n"
         "[[module]]\nid = \"pump\"\nbus = \"cellar\"\naddress = 0x51\nrole = \"load\"\n"
         "[[simulator.module]]\nbus = \"roof\"\naddress = 0x50\nvariant = \"UI1\"\n"
         "[[simulator.module.load]]\nshape = \"constant\"\npower_w = -3600.0\n"
         "[[simulator.module]]\nbus = \"cellar\"\naddress = 0x51\nvariant = \"UI1\"\n"
         "[[simulator.fault]]\nkind = \"bus_stuck\"\nbus = \"cellar\"\nat = \"5s\"\n";
}

}  // namespace

TEST_CASE("a bus that hangs does not cost the other one the export of its last period when the program is told to stop") {
  const TemporaryDirectory folder;
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", two_buses(folder))}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  std::this_thread::sleep_for(seconds{9});
  const auto begin = std::chrono::steady_clock::now();
  child.send(SIGTERM);
  CHECK(child.wait_for_end(seconds{10}) == 0);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{3});
  // 3.6 kW: a watt-hour each second. The module is read from its first answer on, and until the stop.
  const auto database = folder.file("energy.db");
  CHECK(ask(database, "SELECT sum(e_export_wh) FROM energy_log WHERE module = 'solar'") > 7.0);
  CHECK(ask(database, "SELECT sum(dt_s) FROM energy_log WHERE module = 'solar' AND quality <> 'gap'") > 7.0);
}
