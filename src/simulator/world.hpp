// A simulated world: buses, modules, their loads and faults, on one clock; and the truth about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "simulator/drdy.hpp"
#include "simulator/foreign_chip.hpp"
#include "simulator/mains.hpp"
#include "simulator/module.hpp"
#include "simulator/settings.hpp"
#include "simulator/simulated_bus.hpp"
#include "simulator/state_file.hpp"
#include "simulator/truth.hpp"

namespace rbamp::simulator {

/// How a world with a state file treats it.
enum class WorldAccess : std::uint8_t {
  own,   ///< run the modules, and go on where the process before left them
  view,  ///< look at the truth of modules that another process runs
};

/// Everything in it is a function of time, the settings, and what was written to the modules: nothing runs by itself. Safe to
/// use from several threads at once, as far as the clock is: each bus from its worker, the truth from anywhere. Modules and
/// foreign chips are numbered in the order of the settings.
class World {
 public:
  /// Blocks for reading load files and the state file. Errors: config_invalid, saying what is wrong; bus_busy (wait) when another
  /// process runs the modules of the state file.
  [[nodiscard]] static Result<std::unique_ptr<World>> create(WorldSettings settings, Clock& clock,
                                                             WorldAccess access = WorldAccess::own);

  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  /// nullptr: no such bus.
  [[nodiscard]] SimulatedBus* bus(std::string_view name = "main");
  [[nodiscard]] std::size_t modules() const { return modules_.size(); }
  /// By the address in the settings.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view bus, I2cAddress address) const;

  /// As of now.
  [[nodiscard]] ChannelTruth truth(std::size_t module, std::size_t channel = 0);
  /// What an ideal meter would show for an interval of the clock; both instants not before the world began.
  [[nodiscard]] SplitEnergy physical_between(std::size_t module, std::size_t channel, BootTime from, BootTime to) const;
  [[nodiscard]] LiveValues live_values(std::size_t module);
  /// Everything about a module as of now: registers, flash, period engine.
  [[nodiscard]] ModuleState state(std::size_t module);
  /// From now on, every latch of every module; a simulated year at one a minute takes 40 MB per module.
  void record_latches(bool on);
  [[nodiscard]] std::vector<LatchRecord> latches(std::size_t module) const;
  [[nodiscard]] ModuleCounters counters(std::size_t module) const;
  [[nodiscard]] Traffic traffic(std::size_t module) const;
  /// Data bytes that were written into chips that are no rbAmp: anything but 0 is a bug of the master.
  [[nodiscard]] std::uint64_t foreign_bytes_written() const;

  /// Adds to the script. What should have begun already begins now. Not remembered in the state file.
  void inject(Fault fault);
  /// The same, beginning now.
  void inject_now(Fault fault);

  /// Connects a module whose settings say that it is not plugged: it boots now. Of one that is there nothing happens.
  void plug(std::size_t module);

  /// The line that carries DRDY of these modules, wired-OR. A module belongs to at most one line.
  [[nodiscard]] std::unique_ptr<SimulatedDrdy> drdy(const std::vector<std::size_t>& modules, DrdyWake wake);

  [[nodiscard]] BootTime began() const { return began_; }
  /// An instant of the world on the clock, rounded down to its microseconds.
  [[nodiscard]] BootTime boot_time(SimTime time) const { return began_ + std::chrono::floor<Microseconds>(time); }
  /// True when modules went on from the state file.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }

 private:
  friend class SimulatedBus;
  friend class SimulatedDrdy;

  World(WorldSettings settings, Clock& clock);
  [[nodiscard]] Result<void> build(WorldAccess access);
  [[nodiscard]] Result<void> add_module(const ModuleSettings& settings, std::size_t index);
  SimulatedBus& add_bus(const BusSettings& settings);
  [[nodiscard]] Result<void> open_state(WorldAccess access);
  void schedule(Fault fault, SimTime not_before);
  void follow_plug(std::size_t module);

  // With the lock held:
  [[nodiscard]] SimTime sim_now() const { return clock_.boot_now() - began_; }
  Module& up_to_date(std::size_t module);
  void settle(std::size_t module);
  void refresh_lines();

  WorldSettings settings_;
  Clock& clock_;
  BootTime began_{};
  UtcTime began_utc_{};
  bool is_resumed_ = false;
  bool is_view_ = false;
  mutable std::mutex mutex_;
  Mains mains_;
  std::vector<std::unique_ptr<Module>> modules_;
  std::vector<std::unique_ptr<ForeignChip>> foreign_;
  std::vector<Traffic> traffic_;
  std::vector<Traffic> foreign_traffic_;
  std::vector<std::unique_ptr<SimulatedBus>> buses_;
  std::unique_ptr<StateFile> state_file_;
  std::vector<SimulatedDrdy*> lines_;
};

}  // namespace rbamp::simulator
