// A bench with simulated modules on virtual time, as the procedures of commissioning/ see it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "commissioning/module_link.hpp"
#include "commissioning/reboot.hpp"
#include "simulator/house.hpp"
#include "unit/simulator/house.hpp"

namespace rbamp::commissioning::test {

using namespace std::chrono_literals;
using simulator::FaultKind;
using simulator::Intervention;
using simulator::ModuleSettings;
using simulator::Transaction;
using simulator::Variant;
using simulator::WorldSettings;
using simulator::test::constant;
using simulator::test::fault;
using simulator::test::fault_with;
using simulator::test::module_with;
using simulator::test::world_of;

/// Fresh from the factory: at 0x50, without settings, switched on a minute before the world began.
inline ModuleSettings virgin_module(Variant variant = Variant::ui1, double watts = 1000.0) {
  std::vector<simulator::LoadSettings> loads(simulator::channel_count(variant), constant(watts));
  auto module = module_with(std::move(loads), variant);
  module.provisioned = false;
  module.uptime = 60s;
  return module;
}

/// Set up, with a load on each channel, switched on a minute before the world began.
inline ModuleSettings module_at(std::uint8_t address, Variant variant = Variant::ui1, double watts = 1000.0) {
  auto module = virgin_module(variant, watts);
  module.address = I2cAddress{address};
  module.provisioned = true;
  return module;
}

class Bench {
 public:
  explicit Bench(WorldSettings settings)
      : world_(build(std::move(settings), clock_)), station_("main", simulator::open_in(*world_, "main"), clock_) {
    REQUIRE(station_.open());
  }
  explicit Bench(std::vector<ModuleSettings> modules) : Bench(world_of(std::move(modules))) {}

  [[nodiscard]] ModuleLink link(std::uint8_t address = 0x50) {
    auto module = ModuleLink::open(station_, I2cAddress{address});
    if (!module) FAIL(module.error().detail);
    return *module;
  }
  /// What the firmware was asked to do since the world began.
  [[nodiscard]] std::uint32_t commands(protocol::Command command, std::size_t module = 0) const {
    return world_->counters(module).commands.at(static_cast<std::size_t>(command));
  }
  [[nodiscard]] std::uint32_t writes(std::size_t module = 0) const {
    std::uint32_t sum = 0;
    for (const auto count : world_->counters(module).register_writes) sum += count;
    return sum;
  }
  [[nodiscard]] std::uint32_t flash_cycles(std::size_t module = 0) { return world_->state(module).flash.cycles; }
  /// Cuts the supply for `lasting` right after this command has reached a module.
  void cut_supply_after(protocol::Command command, Microseconds lasting) {
    world_->bus()->set_hooks({{}, [this, command, lasting](const Transaction& transaction) {
                                if (!transaction.writes(protocol::reg::command, static_cast<std::uint8_t>(command))) return;
                                clock_.advance(10ms);
                                auto cut = fault(FaultKind::power_cycle, 0us, lasting);
                                world_->inject_now(cut);
                              }});
  }
  /// Meets the first `times` writes of this command with `intervention`.
  void disturb(protocol::Command command, Intervention intervention, int times = 1) {
    world_->bus()->set_hooks({[command, intervention, left = times](const Transaction& transaction) mutable {
                                const bool is_it = transaction.writes(protocol::reg::command, static_cast<std::uint8_t>(command));
                                return is_it && left-- > 0 ? intervention : Intervention::none;
                              },
                              {}});
  }

  [[nodiscard]] ManualClock& clock() { return clock_; }
  [[nodiscard]] simulator::World& world() { return *world_; }
  [[nodiscard]] fleet::BusStation& station() { return station_; }

 private:
  static std::unique_ptr<simulator::World> build(WorldSettings settings, Clock& clock) {
    auto world = simulator::World::create(std::move(settings), clock);
    if (!world) FAIL(world.error().detail);
    return std::move(*world);
  }

  ManualClock clock_;
  std::unique_ptr<simulator::World> world_;
  fleet::BusStation station_;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// For procedures whose reset needs nothing booked.
inline const BeforeReset nothing_to_book = [](const ModuleLink&) -> Result<void> { return {}; };

}  // namespace rbamp::commissioning::test
