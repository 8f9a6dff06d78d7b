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
  Microseconds show_every{};
  bool is_automatic = false;  ///< scan instead of assignments
  std::map<I2cAddress, ModuleUid> pinned;
  std::map<I2cAddress, std::pair<I2cAddress, double>> voltage_from;  ///< source and power factor of modules without voltage
  struct Drdy {
    fleet::LineOwner owner;  ///< none: of its bus
    std::string bus = "main";
    std::vector<std::size_t> modules;  ///< which are connected, as the world counts them
  };
  std::vector<Drdy> drdy;
};

class House {
 public:
  explicit House(HouseSettings settings, metering::Ledger* ledger = nullptr)
      : settings_(std::move(settings)), loop_(clock_), ledger_(ledger) {
    auto built = simulator::World::create(settings_.world, clock_);
    if (!built) throw std::runtime_error(built.error().detail);
    world_ = std::move(*built);
    for (const auto& line : settings_.drdy)
      lines_.push_back(std::make_unique<VirtualDrdy>(world_->drdy(line.modules, simulator::DrdyWake::by_hand), loop_));
    if (ledger_ == nullptr) ledger_ = &memory_;
    outputs_.add(output_);
  }

  void start() {
    process_ = std::make_unique<Process>(*this);
    process_->fleet->start();
  }
  /// kill -9: nothing is finished, nothing is said.
  void kill() { process_.reset(); }
  /// SIGTERM.
  void stop() {
    bool done = false;
    process_->fleet->finish([&] { done = true; });
    for (int i = 0; i < 200 && !done; ++i) loop_.run_for(std::chrono::milliseconds{10});
    if (!done) throw std::runtime_error("the last round did not end");
    process_.reset();
  }
  void run_for(Microseconds time) { loop_.run_for(time); }
  /// Something happens to one module now.
  void inject(simulator::FaultKind kind, I2cAddress module, Microseconds lasting = {}) {
    simulator::Fault fault;
    fault.kind = kind;
    fault.module = module;
    fault.lasting = lasting;
    world_->inject_now(fault);
  }
  /// Runs, and dies where a hook throws; true when it died.
  bool run_until_killed(Microseconds time) {
    try {
      loop_.run_for(time);
      return false;
    } catch (const Killed&) {
      kill();
      return true;
    }
  }

  [[nodiscard]] static std::string place(I2cAddress address) { return "at_" + std::to_string(address.value()); }
  [[nodiscard]] simulator::World& world() { return *world_; }
  [[nodiscard]] MemoryLedger& ledger() { return memory_; }
  [[nodiscard]] RecordedOutput& output() { return output_; }
  /// For what a test adds beside output(), before start().
  [[nodiscard]] daemon::OutputGroup& outputs() { return outputs_; }
  [[nodiscard]] ManualClock& clock() { return clock_; }
  [[nodiscard]] loop::VirtualLoop& loop() { return loop_; }
  [[nodiscard]] fleet::Fleet& fleet() { return *process_->fleet; }
  [[nodiscard]] daemon::Bookkeeper& bookkeeper() { return *process_->bookkeeper; }
  [[nodiscard]] MemorySink& log() { return sink_; }
  [[nodiscard]] const HouseSettings& settings() const { return settings_; }
  void set_boot(BootId boot) { boot_ = boot; }
  /// The process ends where the bookkeeper says that the ledger must be opened anew.
  std::function<void()> unusable_ledger = [] { throw Killed{}; };

 private:
  struct Process {
    explicit Process(House& house) {
      bookkeeper = std::make_unique<daemon::Bookkeeper>(*house.ledger_, house.executor_, house.loop_, house.outputs_,
                                                        house.logger_, [&house] { house.unusable_ledger(); });
      fleet = std::make_unique<fleet::Fleet>(fleet::Fleet::Settings{house.settings_.period, TimeZone::utc(), house.boot_},
                                             fleet::Fleet::Environment{house.loop_, *bookkeeper, house.outputs_, house.logger_},
                                             [] {});
      std::map<std::string, fleet::BusFleet::Settings> buses;
      for (const auto& module : house.settings_.world.modules) {
        auto& bus = buses[module.bus];
        bus.name = module.bus;
        bus.latch = house.settings_.latch;
        bus.is_automatic = house.settings_.is_automatic;
        bus.show_every = house.settings_.show_every;
        if (house.settings_.is_automatic) continue;
        fleet::Assignment assignment{
            module.address, place(module.address), "Module " + to_string(module.address), house.settings_.role, {}, {}};
        if (const auto pin = house.settings_.pinned.find(module.address); pin != house.settings_.pinned.end())
          assignment.pinned = pin->second;
        if (const auto from = house.settings_.voltage_from.find(module.address); from != house.settings_.voltage_from.end())
          assignment.voltage_from = fleet::VoltageSource{place(from->second.first), from->second.second};
        for (const auto& [user, from] : house.settings_.voltage_from)
          assignment.lends_voltage = assignment.lends_voltage || from.first == module.address;
        bus.assignments.push_back(std::move(assignment));
      }
      for (auto& [name, bus] : buses) {
        stations.push_back(std::make_unique<fleet::BusStation>(name, simulator::open_in(*house.world_, name), house.clock_));
        house.connect_lines(bus);
        fleet->add_bus(std::move(bus), *stations.back(), house.executor_);
      }
    }
    std::vector<std::unique_ptr<fleet::BusStation>> stations;
    std::unique_ptr<daemon::Bookkeeper> bookkeeper;
    std::unique_ptr<fleet::Fleet> fleet;
  };

  void connect_lines(fleet::BusFleet::Settings& bus) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const auto& wiring = settings_.drdy[i];
      if (wiring.bus != bus.name) continue;
      const std::string subject = wiring.owner ? "Module \"" + place(*wiring.owner) + "\"" : "Bus \"" + bus.name + "\"";
      bus.drdy_lines.push_back({wiring.owner, subject,
                                [line = lines_[i].get()]() -> Result<std::unique_ptr<gpio::DrdyLine>> { return line->open(); }});
    }
    bus.watch_fd = [this](int fd, std::function<void()> readable) {
      for (const auto& line : lines_) {
        if (line->fd() == fd) return line->watch(std::move(readable));
      }
      throw std::logic_error("no line has this descriptor");
    };
  }

  HouseSettings settings_;
  ManualClock clock_;
  loop::VirtualLoop loop_;
  loop::VirtualExecutor executor_{loop_};
  MemorySink sink_;
  log::Logger logger_{sink_, log::Level::info};
  RecordedOutput output_;
  daemon::OutputGroup outputs_;
  MemoryLedger memory_;
  metering::Ledger* ledger_;
  BootId boot_{BootId::Bytes{7}};
  std::unique_ptr<simulator::World> world_;
  std::vector<std::unique_ptr<VirtualDrdy>> lines_;
  std::unique_ptr<Process> process_;
};

}  // namespace rbamp::support
