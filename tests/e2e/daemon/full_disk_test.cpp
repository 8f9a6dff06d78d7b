// The real program on a disk that has no room left: who looks at systemd learns it, whatever else is well.
#include <signal.h>

#include "house_config.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/small_disk.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("while the disk is full the status for systemd names the ledger, and when there is room again it does not") {
  const TemporaryDirectory folder;
  const SmallDisk disk{"1m"};
  if (!disk.is_mounted()) return;
  auto config = one_kilowatt(folder);
  const auto elsewhere = folder.file("energy.db");
  config.replace(config.find(elsewhere), elsewhere.size(), disk.file("energy.db"));
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", config)}};
  REQUIRE(child.wait_for_notify("STATUS=1 module is metered\n", seconds{20}));
  disk.fill();
  // The log of the ledger may still have room for some rounds.
  REQUIRE(child.wait_for_notify("STATUS=1 module is metered; ledger: ", seconds{120}));
  disk.free();
  const auto is_over = [&] {
    const auto& told = child.notifications();
    return told.rfind("STATUS=1 module is metered\n") > told.rfind("; ledger: ");
  };
  for (int i = 0; i < 60 && !is_over(); ++i) (void)child.wait_for_notify("nothing says this", milliseconds{500});
  CHECK(is_over());
  child.send(SIGTERM);
  CHECK(child.wait_for_end(seconds{10}) == 0);
}
