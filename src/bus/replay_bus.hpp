// A bus that answers from a recording: the conversation of a real site as a test.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bus/i2c_bus.hpp"
#include "bus/recording.hpp"

namespace rbamp::bus {

/// Expects exactly the recorded transactions in their order and gives the recorded outcomes, errors included. Each answer comes
/// no earlier than it did: the clock is moved (or waited) to the recorded end. `clock` must outlive the bus.
///
/// The first question that differs from the recording, or comes after its end, is answered by bus_unsupported (give_up) with
/// both in words, and so is everything after it: see `divergence`.
class ReplayBus final : public I2cBus {
 public:
  ReplayBus(Recording recording, Clock& clock);

  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override;
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] Capabilities capabilities() const override { return recording_.capabilities; }
  [[nodiscard]] std::string describe() const override { return recording_.bus + " (replayed)"; }

  /// True when every recorded transaction was asked for and none beside them.
  [[nodiscard]] bool is_complete() const { return !divergence_ && next_ == recording_.transactions.size(); }
  [[nodiscard]] std::size_t answered() const { return next_; }
  /// The first difference, in words.
  [[nodiscard]] const std::optional<std::string>& divergence() const { return divergence_; }

 private:
  /// The recorded counterpart of `asked`, or nullptr after noting the difference.
  const Transaction* take(const Transaction& asked);

  Recording recording_;
  Clock& clock_;
  BootTime begin_;
  std::size_t next_ = 0;
  std::optional<std::string> divergence_;
};

}  // namespace rbamp::bus
