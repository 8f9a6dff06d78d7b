// The data-ready line of simulated modules: pulses at commits, held low while masked events are pending, wired-OR.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "gpio/drdy_line.hpp"
#include "simulator/module.hpp"

namespace rbamp::simulator {

class World;

/// What makes the descriptor readable.
enum class DrdyWake : std::uint8_t {
  by_timer,  ///< a timer of the kernel, at each edge: for the kernel's clock
  by_hand,   ///< nothing: for virtual time, where the owner asks next_edge() and calls drain() then
};

/// See gpio::DrdyLine. Calls may come from any one thread, beside those that use the buses. Must not outlive its world.
/// Fails never, except that a timer may be refused at construction: then the descriptor is -1 and drain() says bus_io.
class SimulatedDrdy final : public gpio::DrdyLine {
 public:
  ~SimulatedDrdy() override;

  [[nodiscard]] int fd() const override { return timer_.get(); }
  [[nodiscard]] Result<gpio::Edges> drain() override;
  [[nodiscard]] Result<bool> is_low() const override;
  [[nodiscard]] std::string describe() const override { return "simulator"; }

  /// The first edge that was not yet drained, past or future; nullopt while the line is held low with nothing in sight.
  [[nodiscard]] std::optional<BootTime> next_edge();

 private:
  friend class World;

  struct Source {
    std::size_t module = 0;
    LineChange line;
  };

  SimulatedDrdy(World& world, const std::vector<std::size_t>& modules, DrdyWake wake);

  // With the world's lock held:
  void refresh();
  void sweep(SimTime now);
  void sweep_quiet(SimTime from, SimTime to);
  [[nodiscard]] std::vector<SimTime> turns(SimTime from, SimTime to) const;
  [[nodiscard]] SimTime next_wake(SimTime now) const;
  [[nodiscard]] bool is_held(SimTime after) const;
  void add_edges(std::size_t count, SimTime newest, SimTime apart);

  World& world_;
  DrdyWake wake_;
  Fd timer_;
  std::vector<Source> sources_;
  SimTime swept_until_{};
  std::size_t pending_ = 0;
  SimTime oldest_pending_{};
  std::vector<SimTime> stamps_;  ///< of those that are pending; as many as a kernel keeps
  SimTime armed_for_ = never;
};

}  // namespace rbamp::simulator
