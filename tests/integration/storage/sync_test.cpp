// When the disk is asked to be sure. The functions of the C library are replaced for this program, so that calls can be counted.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <functional>

#include "fleet_of_rows.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;

namespace {

std::atomic<int> calls{0};

int calls_of(const std::function<void()>& work) {
  const int before = calls;
  work();
  return calls - before;
}

}  // namespace

// SQLite is a shared library: its calls come here first.
extern "C" int fsync(int file) {
  ++calls;
  return static_cast<int>(::syscall(SYS_fsync, file));
}

extern "C" int fdatasync(int file) {
  ++calls;
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

TEST_CASE("a round waits for the disk once, an armed latch and an event never") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.survives_power_cut = true;
  FleetOfRows fleet{16, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  for (int i = 0; i < 40; ++i) {  // over two quarter hours
    fleet.pass(seconds{60});
    CHECK(calls_of([&] { REQUIRE(ledger->arm(fleet.latches())); }) == 0);
    CHECK(calls_of([&] { REQUIRE(ledger->record({fleet.now, "m0", "ch0", "turn_on", "on"})); }) == 0);
    CHECK(calls_of([&] { REQUIRE(ledger->commit(fleet.round())); }) == 1);
  }
}

TEST_CASE("copying the log syncs the log before the database, and is rare") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.survives_power_cut = true;
  FleetOfRows fleet{16, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  constexpr int rounds = 600;
  const int all = calls_of([&] {
    for (int i = 0; i < rounds; ++i) {
      fleet.pass(seconds{60});
      REQUIRE(ledger->commit(fleet.round()));
    }
  });
  INFO(all << " calls for " << rounds << " rounds");
  CHECK(all > rounds);
  CHECK(all <= rounds + rounds / 50);
}

TEST_CASE("a ledger in virtual time never waits for the disk with its rounds") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{16, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  CHECK(calls_of([&] {
          for (int i = 0; i < 300; ++i) {
            fleet.pass(seconds{60});
            REQUIRE(ledger->commit(fleet.round()));
          }
        }) == 0);
}
