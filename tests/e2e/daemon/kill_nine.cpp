#include "kill_nine.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "simulator/random.hpp"
#include "simulator/world.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::ChildProcess;

constexpr double high_w = 2000.0;
constexpr double low_w = 200.0;
constexpr double constant_w = 700.0;
constexpr Microseconds wave = milliseconds{3'100};
constexpr double ends_s = 2 * (0.2 + 0.1);  // a window at each end, and the time from an intent to its latch

std::string configuration(const support::TemporaryDirectory& folder) {
  return "[daemon]\nperiod = \"1s\"\n[storage]\npath = \"" + folder.file("energy.db") +
         "\"\n[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n"
         "[[module]]\nid = \"wave\"\naddress = 0x50\nrole = \"load\"\n[[module]]\nid = \"flat\"\naddress = 0x51\nrole = "
         "\"load\"\n"
         "[simulator]\nstate_file = \"" +
         folder.file("house.state") +
         "\"\n[[simulator.module]]\naddress = 0x50\nvariant = \"UI1\"\nbroadcast = true\n[[simulator.module.load]]\n"
         "shape = \"square\"\npower_w = 2000.0\nlow_w = 200.0\nperiod = \"3100ms\"\n"
         "[[simulator.module]]\naddress = 0x51\nvariant = \"UI1\"\nbroadcast = true\n[[simulator.module.load]]\n"
         "shape = \"constant\"\npower_w = 700.0\n";
}

/// The same house as plain data. When it is not the same, the state file says that it is of another world.
simulator::WorldSettings house(const support::TemporaryDirectory& folder) {
  simulator::WorldSettings world;
  world.state_file = folder.file("house.state");
  simulator::LoadSettings square;
  square.shape = simulator::LoadSettings::Shape::square;
  square.power_w = high_w;
  square.low_w = low_w;
  square.period = wave;
  simulator::LoadSettings constant;
  constant.power_w = constant_w;
  for (const auto& [address, load] : {std::pair{I2cAddress{0x50}, square}, std::pair{I2cAddress{0x51}, constant}}) {
    simulator::ModuleSettings module;
    module.address = address;
    module.broadcast = true;
    module.channels.push_back({{load}});
    world.modules.push_back(std::move(module));
  }
  return world;
}

class Examination {
 public:
  Examination(const support::TemporaryDirectory& folder, KillNineReport& report)
      : database_(folder.file("energy.db"), SQLite::OPEN_READONLY), report_(report) {
    auto world = simulator::World::create(house(folder), clock_, simulator::WorldAccess::view);
    if (!world) throw std::runtime_error(world.error().detail);
    world_ = std::move(*world);
  }

  void run() {
    SQLite::Statement check{database_, "PRAGMA integrity_check"};
    check.executeStep();
    if (check.getColumn(0).getString() != "ok") find("PRAGMA integrity_check: " + check.getColumn(0).getString());
    SQLite::Statement line{database_,
                           "SELECT p.name, r.end_us + c.end_offset_us, c.length_us, c.quality, c.import0 FROM closings c "
                           "JOIN rounds r ON r.id = c.id >> 8 JOIN mounts m ON m.id = c.mount JOIN places p ON p.id = m.place "
                           "ORDER BY c.id"};
    while (line.executeStep()) {
      examine(line.getColumn(0).getString(), BootTime{Microseconds{line.getColumn(1).getInt64()}},
              Microseconds{line.getColumn(2).getInt64()}, line.getColumn(3).getInt(),
              static_cast<double>(line.getColumn(4).getInt64()) / 1e6);
    }
    for (const auto& [place, sum] : sums_) {
      report_.energy_wh += sum.booked_wh;
      report_.error_percent = std::max(report_.error_percent, std::abs(sum.booked_wh - sum.truth_wh) / sum.truth_wh * 100.0);
      // Lines adjoin, so what one has too much the next has too little: only the two ends of the whole are left.
      if (std::abs(sum.booked_wh - sum.truth_wh) > sum.rounding_wh + swing_of(place) * ends_s / 3600.0)
        find(place + ": all lines together have " + std::to_string(sum.booked_wh) + " Wh, the truth is " +
             std::to_string(sum.truth_wh) + " Wh");
    }
    if (sums_.size() != 2) find("not both modules were metered");
  }

 private:
  struct Sum {
    std::optional<BootTime> end;
    double booked_wh = 0.0;
    double truth_wh = 0.0;
    double rounding_wh = 0.0;
  };
  static double swing_of(const std::string& place) { return place == "wave" ? high_w - low_w : 0.0; }

  void examine(const std::string& place, BootTime end, Microseconds length, int quality, double booked_wh) {
    constexpr int measured = 0;
    constexpr int recovered = 1;
    auto& sum = sums_[place];
    const BootTime begin = end - length;
    const auto where = place + ", line " + std::to_string(++report_.lines);
    if (quality != measured && quality != recovered) find(where + " is a gap or an estimate, and nothing happened but kill -9");
    if (quality == recovered) ++report_.recovered;
    if (sum.end && *sum.end != begin) find(where + " does not begin where the one before it ended");
    sum.end = end;
    const bool is_wave = place == "wave";
    const double truth_wh = world_->physical_between(is_wave ? 0 : 1, 0, begin, end).import_j / 3600.0;
    const double rounding_wh = 3e-6 + 1e-6 * booked_wh;  // and AVG_P is a 32-bit float
    const double allowed_wh = swing_of(place) * ends_s / 3600.0 + rounding_wh;
    report_.worst_share = std::max(report_.worst_share, std::abs(booked_wh - truth_wh) / allowed_wh);
    if (std::abs(booked_wh - truth_wh) > allowed_wh)
      find(where + " has " + std::to_string(booked_wh) + " Wh, the truth is " + std::to_string(truth_wh) + " Wh");
    sum.booked_wh += booked_wh;
    sum.truth_wh += truth_wh;
    sum.rounding_wh += rounding_wh;
  }

  void find(std::string what) { report_.findings.push_back(std::move(what)); }

  SQLite::Database database_;
  KillNineReport& report_;
  KernelClock clock_;
  std::unique_ptr<simulator::World> world_;
  std::map<std::string, Sum> sums_;
};

/// The registers as a reader of the ledger sees them now; empty before there is a ledger.
std::map<std::string, double> totals(const std::string& path) {
  std::map<std::string, double> now;
  try {
    const SQLite::Database database{path, SQLite::OPEN_READONLY};
    SQLite::Statement query{database, "SELECT module, max(total_import_wh) FROM energy_log GROUP BY module"};
    while (query.executeStep()) now[query.getColumn(0).getString()] = query.getColumn(1).getDouble();
  } catch (const SQLite::Exception&) {
    return {};  // killed before the file had its tables
  }
  return now;
}

}  // namespace

KillNineReport run_kill_nine(const std::string& rbampd, const std::string& rbampctl, int kills, std::uint64_t seed) {
  const auto start = std::chrono::steady_clock::now();
  const support::TemporaryDirectory folder;
  const auto config = folder.write("c.toml", configuration(folder));
  KillNineReport report;
  simulator::Random random{seed};
  std::map<std::string, double> last;
  for (; report.kills < kills; ++report.kills) {
    ChildProcess child{rbampd, {"--config", config}};
    std::this_thread::sleep_for(milliseconds{20 + static_cast<std::int64_t>(random.below(2'180))});
    child.send(SIGKILL);
    const auto status = child.wait_for_end(seconds{10});
    if (status != 128 + SIGKILL) report.findings.push_back("rbampd ended by itself: " + child.output());
    const auto now = totals(folder.file("energy.db"));
    for (const auto& [place, total] : last) {
      if (!now.contains(place) || now.at(place) < total) report.findings.push_back("the total of " + place + " fell");
    }
    last = now;
  }
  {
    ChildProcess child{rbampd, {"--config", config}};
    if (!child.wait_for_notify("READY=1", seconds{20})) throw std::runtime_error("rbampd did not get ready: " + child.output());
    std::this_thread::sleep_for(seconds{3});
    child.send(SIGTERM);
    if (child.wait_for_end(seconds{10}) != 0) report.findings.push_back("rbampd did not end in order: " + child.output());
  }
  ChildProcess verify{rbampctl, {"--config", config, "verify"}};
  if (verify.wait_for_end(seconds{30}) != 0) report.findings.push_back("rbampctl verify: " + verify.output());
  Examination{folder, report}.run();
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace rbamp::e2e
