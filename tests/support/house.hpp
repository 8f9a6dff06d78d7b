// A whole house in virtual time: simulated modules that keep their power, a ledger that keeps its lines, and a "process" (fleet and
// bookkeeper) that can be started, killed at any step, and started again.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/bookkeeper.hpp"
#include "daemon/output_group.hpp"
#include "fleet/fleet.hpp"
#include "loop/virtual_executor.hpp"
#include "loop/virtual_loop.hpp"
#include "simulator/house.hpp"
#include "support/memory_ledger.hpp"
#include "support/memory_live_keeper.hpp"
#include "support/memory_sink.hpp"
#include "support/recorded_output.hpp"
#include "support/virtual_drdy.hpp"

namespace rbamp::support {

/// Thrown out of a hook: the process dies here.
struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

struct HouseSettings {
  simulator::WorldSettings world;
  Microseconds period = std::chrono::seconds{60};
  config::LatchMode latch = config::LatchMode::automatic;
  metering::Role role = metering::Role::load;  ///< of every module: load is not sampled at every window
  std::map<I2cAddress, metering::Role> roles;  ///< of those that have another one
  Microseconds show_every{};
  bool is_automatic = false;  ///< scan instead of assignments
  std::map<I2cAddress, ModuleUid> pinned;
  std::map<I2cAddress, std::vector<fleet::ChannelAssignment>> channels;  ///< missing: all that the hardware has
  std::map<I2cAddress, std::uint8_t> export_register;
  std::map<I2cAddress, std::pair<I2cAddress, double>> voltage_from;  ///< source and power factor of modules without voltage
  struct Drdy {
    fleet::LineOwner owner;  ///< none: of its bus
    std::string bus = "main";
    std::vector<std::size_t> modules;  ///< which are connected, as the world counts them
  };
  std::vector<Drdy> drdy;
  bool keeps_live = true;  ///< what a process saw live outlives it, as under systemd
};

class House {
 public:
  explicit House(HouseSettings settings, metering::Ledger* ledger = nullptr);
  ~House();

  void start();
  /// kill -9: nothing is finished, nothing is said.
  void kill();
  /// SIGTERM.
  void stop();
  void run_for(Microseconds time) { loop_.run_for(time); }
  /// Something happens to one module now.
  void inject(simulator::FaultKind kind, I2cAddress module, Microseconds lasting = {});
  /// Runs, and dies where a hook throws; true when it died.
  bool run_until_killed(Microseconds time);

  [[nodiscard]] static std::string place(I2cAddress address) { return "at_" + std::to_string(address.value()); }
  [[nodiscard]] simulator::World& world() { return *world_; }
  [[nodiscard]] MemoryLedger& ledger() { return memory_; }
  [[nodiscard]] RecordedOutput& output() { return output_; }
  /// For what a test adds beside output(), before start().
  [[nodiscard]] daemon::OutputGroup& outputs() { return outputs_; }
  [[nodiscard]] ManualClock& clock() { return clock_; }
  [[nodiscard]] loop::VirtualLoop& loop() { return loop_; }
  [[nodiscard]] fleet::Fleet& fleet();
  [[nodiscard]] daemon::Bookkeeper& bookkeeper();
  /// One of HouseSettings::drdy.
  [[nodiscard]] VirtualDrdy& line(std::size_t number) { return *lines_.at(number); }
  [[nodiscard]] MemorySink& log() { return sink_; }
  [[nodiscard]] log::Logger& logger() { return logger_; }
  /// Logs as the daemon does; without it each record is kept. Before start().
  void hold_back_floods() { logger_.hold_back_floods(clock_); }
  [[nodiscard]] const HouseSettings& settings() const { return settings_; }
  void set_boot(BootId boot) { boot_ = boot; }
  /// The process ends where the bookkeeper says that the ledger must be opened anew.
  std::function<void()> unusable_ledger = [] { throw Killed{}; };

 private:
  struct Process;

  void connect_lines(fleet::BusFleet::Settings& bus);
  [[nodiscard]] loop::Watch watch_readable(int fd, std::function<bool()> ready);

  HouseSettings settings_;
  ManualClock clock_;
  loop::VirtualLoop loop_;
  loop::VirtualExecutor executor_;
  MemorySink sink_;
  log::Logger logger_{sink_, log::Level::info};
  RecordedOutput output_;
  daemon::OutputGroup outputs_;
  MemoryLedger memory_;
  MemoryLiveKeeper live_keeper_;
  metering::Ledger* ledger_;
  BootId boot_{BootId::Bytes{7}};
  std::unique_ptr<simulator::World> world_;
  std::vector<std::unique_ptr<VirtualDrdy>> lines_;
  std::unique_ptr<Process> process_;
};

}  // namespace rbamp::support
