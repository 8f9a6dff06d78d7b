// What keeps the real program from its ledger for a while only: it must come back by itself, so it must not end as systemd is told
// to leave it (65).
#include <signal.h>

#include <thread>

#include "house_config.hpp"
#include "integration/storage/small_disk.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int start_again = 75;

std::string one_kilowatt_on(const SmallDisk& disk, const TemporaryDirectory& folder) {
  auto text = one_kilowatt(folder);
  const auto path = folder.file("energy.db");
  return text.replace(text.find(path), path.size(), disk.file("energy.db"));
}

}  // namespace

TEST_CASE("a disk that is full at the start asks to be started again, and the time until there is room is recovered") {
  const SmallDisk disk{"600k"};
  if (!disk.is_mounted()) return;
  const TemporaryDirectory folder;
  const auto config = folder.write("c.toml", one_kilowatt_on(disk, folder));
  {
    ChildProcess child{rbampd, {"--config", config}};
    REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
    std::this_thread::sleep_for(milliseconds{1200});  // a period that a later start can go on from
    child.send(SIGTERM);
    REQUIRE(child.wait_for_end(seconds{10}) == 0);
  }
  disk.fill();
  {
    ChildProcess child{rbampd, {"--config", config}};
    CHECK(child.wait_for_end(seconds{20}) == start_again);
    CHECK(child.output().find("free some space") != std::string::npos);
  }
  disk.free();
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  child.send(SIGTERM);
  REQUIRE(child.wait_for_end(seconds{10}) == 0);
  CHECK(ask(disk.file("energy.db"), "SELECT count(*) FROM energy_log WHERE quality = 'recovered'") == 1.0);
  CHECK(ask(disk.file("energy.db"), "SELECT count(*) FROM energy_log WHERE quality IN ('gap', 'estimated')") == 0.0);
}

TEST_CASE("a ledger that another rbampd still has asks to be started again") {
  const TemporaryDirectory folder;
  auto text = one_kilowatt(folder);
  ChildProcess first{rbampd, {"--config", folder.write("a.toml", text)}};
  REQUIRE(first.wait_for_notify("READY=1", seconds{20}));
  const auto house = folder.file("house.state");
  text.replace(text.find(house), house.size(), folder.file("other.state"));
  ChildProcess second{rbampd, {"--config", folder.write("b.toml", text)}};
  CHECK(second.wait_for_end(seconds{20}) == start_again);
  CHECK(second.output().find("another rbampd uses the ledger") != std::string::npos);
}
