// Demand across restarts of the daemon: what the ledger already holds of a window belongs to it. In virtual time, with a real file.
#include "daemon/demand_desk.hpp"
#include "daemon/ledger_file.hpp"
#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;

namespace {

constexpr I2cAddress address{0x50};

/// Stands where the daemon's desk stands, so that each run of the daemon can have its own; every module has demand.
class DeskOfRun final : public metering::Output {
 public:
  std::unique_ptr<daemon::DemandDesk> desk;

  void describe(const metering::ModuleDescription& module) override {
    auto wanted = module;
    wanted.has_demand = true;
    desk->describe(wanted);
  }
  void set_reachable(const std::string& /*module_id*/, bool /*reachable*/) override {}
  void live(const metering::Reading& reading) override { desk->live(reading); }
  void committed(const metering::CommittedModule& module) override { desk->committed(module); }
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  void removed(const std::string& module_id) override { desk->removed(module_id); }
};

class LastDemand final : public metering::Output {
 public:
  std::optional<metering::DemandReading> reading;

  void describe(const metering::ModuleDescription& /*module*/) override {}
  void set_reachable(const std::string& /*module_id*/, bool /*reachable*/) override {}
  void live(const metering::Reading& /*reading*/) override {}
  void committed(const metering::CommittedModule& /*module*/) override {}
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  void demand(const metering::DemandReport& report) override { reading = report.reading; }
};

struct MeteredDemand {
  TemporaryDirectory folder;
  MemorySink sink;
  log::Logger logger{sink, log::Level::info};
  std::unique_ptr<daemon::LedgerFile> file = open();
  House house{one_kilowatt(address), file.get()};
  loop::InlineExecutor storage;
  daemon::OutputGroup shown;
  LastDemand last;
  DeskOfRun run;

  MeteredDemand() {
    shown.add(last);
    begin_run();
    house.outputs().add(run);
  }
  std::unique_ptr<daemon::LedgerFile> open() {
    storage::Settings settings;
    settings.path = folder.file("energy.db");
    settings.survives_power_cut = false;
    const ManualClock clock;
    auto opened =
        storage::Ledger::open(settings, TimeZone::utc(), {BootId{BootId::Bytes{7}}, clock.boot_now(), clock.utc_now(), true});
    REQUIRE(opened);
    return std::make_unique<daemon::LedgerFile>(std::move(opened->ledger), settings, TimeZone::utc(), logger);
  }
  void begin_run() {
    run.desk = std::make_unique<daemon::DemandDesk>(
        daemon::DemandDesk::Environment{*file, storage, house.loop(), shown, TimeZone::utc(), logger}, config::Demand{});
  }
  /// Until so long after the begin of a quarter hour.
  void run_to(Microseconds into_window) {
    const auto into = house.clock().utc_now().time_since_epoch() % minutes{15};
    house.run_for(into_window - into + (into_window > into ? Microseconds{} : Microseconds{minutes{15}}));
  }
};

}  // namespace

TEST_CASE("a window in which the daemon is restarted comes out as if it had not been") {
  MeteredDemand metered;
  auto& house = metered.house;
  house.start();
  house.run_for(minutes{20});
  metered.run_to(minutes{10});
  house.kill();
  house.clock().advance(minutes{2});
  metered.begin_run();
  house.start();
  house.run_for(minutes{1});
  REQUIRE(metered.last.reading);
  // The window before the restart is known, too.
  CHECK(metered.last.reading->last.value_or(Watts{}).value() == Approx(1000.0).epsilon(0.01));
  CHECK(metered.last.reading->so_far.value() == Approx(1000.0).epsilon(0.01));
  metered.run_to(minutes{2});
  CHECK(metered.last.reading->last.value_or(Watts{}).value() == Approx(1000.0).epsilon(0.01));
  CHECK(metered.last.reading->peak->power.value() == Approx(1000.0).epsilon(0.01));
}

TEST_CASE("what was booked hours ago has no part in a window of today") {
  MeteredDemand metered;
  auto& house = metered.house;
  house.start();
  metered.run_to(minutes{10});
  house.stop();
  house.clock().advance(minutes{24 * 60});
  metered.begin_run();
  house.start();
  house.run_for(minutes{3});
  REQUIRE(metered.last.reading);
  CHECK(metered.last.reading->so_far.value() == Approx(1000.0).epsilon(0.02));
}
