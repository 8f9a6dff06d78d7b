// The host was switched off and on: another boot clock, and perhaps a UTC that nobody vouches for. Design I3, protocol 12.3.
#include "open_file.hpp"
#include "storage/verify.hpp"
#include "support/catch.hpp"
#include "support/one_kilowatt.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};
constexpr BootId first_boot{BootId::Bytes{7}};
constexpr BootId second_boot{BootId::Bytes{8}};

}  // namespace

TEST_CASE("a power cut of the whole house leaves a gap, also when the clock comes back with an earlier time") {
  const Microseconds off = GENERATE(Microseconds{minutes{-90}}, Microseconds{seconds{-1}}, Microseconds{minutes{90}});
  const TemporaryDirectory folder;
  storage::Settings settings;
  settings.path = folder.file("energy.db");
  settings.survives_power_cut = false;  // fsync belongs to the disk, not to us
  const ManualClock origin;
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), {first_boot, origin.boot_now(), origin.utc_now(), true});
  REQUIRE(opened);
  OpenFile file{*opened->ledger};
  House house{one_kilowatt(first), &file};
  house.start();
  house.run_for(minutes{5});
  house.kill();

  house.inject(simulator::FaultKind::power_cycle, first, seconds{30});
  house.run_for(seconds{60});
  house.set_boot(second_boot);
  house.clock().set_synchronised(false);
  house.clock().step_utc(off);
  house.start();
  house.run_for(minutes{5});
  house.stop();

  const auto verdict = storage::verify_ledger(settings.path);
  REQUIRE(verdict);
  INFO((verdict->first_violation ? verdict->first_violation->where + ": " + verdict->first_violation->what : std::string{}));
  CHECK_FALSE(verdict->first_violation);
}
