// A bus of simulated modules, as its master sees it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bus/i2c_bus.hpp"
#include "simulator/chip.hpp"
#include "simulator/counters.hpp"
#include "simulator/module.hpp"
#include "simulator/random.hpp"
#include "simulator/settings.hpp"
#include "simulator/transaction.hpp"

namespace rbamp::simulator {

class World;

/// Each transfer takes its time on the wire, by bits, on the world's clock: with the kernel's clock it blocks for about 1 ms,
/// a manual clock is moved. One thread at a time per bus, as with a real one; different buses may be used at once.
/// Errors are those of bus::I2cBus. Lives as long as its world.
class SimulatedBus final : public bus::I2cBus {
 public:
  SimulatedBus(BusSettings settings, World& world, std::uint64_t seed);

  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override;
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] bus::Capabilities capabilities() const override;
  [[nodiscard]] std::string describe() const override { return "simulator"; }

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  /// Replaces the hooks; not while a transfer is under way.
  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }
  /// Keeps the last `limit` transactions; 0, the default, keeps none.
  void keep_log(std::size_t limit);
  [[nodiscard]] std::vector<LoggedTransaction> log() const;
  [[nodiscard]] Traffic traffic() const;

 private:
  friend class World;

  /// A chip with the place where its traffic is counted; modules know their number in the world.
  struct Seat {
    Chip* chip = nullptr;
    Traffic* traffic = nullptr;
    std::optional<std::size_t> module;
  };
  enum class Fate : std::uint8_t { good, nack_address, nack_data, time_out, adapter_error, lose_write, lose_ack };

  [[nodiscard]] Fate decide(const Transaction& transaction, Intervention wish, SimTime now);
  [[nodiscard]] Fate decide_by_faults(const Transaction& transaction, SimTime now);
  [[nodiscard]] std::optional<Fault> active(FaultKind kind, I2cAddress address, SimTime at) const;
  void find_listeners(I2cAddress to, SimTime now);
  [[nodiscard]] SimTime wire_time(std::uint64_t bits) const;
  [[nodiscard]] std::uint32_t bits_until_failure(Fate fate, const Transaction& transaction) const;
  void sleep_until(SimTime when);
  void transfer_bytes(const Transaction& transaction, SimTime start, SimTime end, std::span<std::uint8_t> into);
  bool deliver(const Transaction& transaction, Fate fate);
  [[nodiscard]] Result<void> finish(Transaction& transaction, Fate fate, std::uint32_t bits);
  [[nodiscard]] Error error_for(Fate fate, const Transaction& transaction) const;

  BusSettings settings_;
  World& world_;
  Random random_;
  Hooks hooks_;
  std::vector<Seat> seats_;
  std::vector<Seat> listeners_;                     ///< of the transfer under way
  std::vector<std::vector<std::uint8_t>> answers_;  ///< of each listener
  std::vector<ScheduledFault> faults_;
  std::uint64_t last_number_ = 0;
  std::optional<SimTime> last_stop_;
  int last_errno_ = 0;
  Traffic traffic_;
  std::size_t log_limit_ = 0;
  std::deque<LoggedTransaction> log_;
};

}  // namespace rbamp::simulator
