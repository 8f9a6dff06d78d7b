// One transfer on a simulated bus: for logs, and for tests that step in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace rbamp::simulator {

enum class Direction : std::uint8_t { read, write };

struct Transaction {
  std::uint64_t number = 0;  ///< 1, 2, 3 ... on its bus
  Direction direction = Direction::read;
  I2cAddress address;
  std::uint8_t reg = 0;                 ///< first register of a read; first byte of a write
  std::size_t size = 0;                 ///< bytes asked for, or written (register included)
  std::span<const std::uint8_t> bytes;  ///< written bytes; after a read that went well, the bytes read
  BootTime begin{};
  BootTime end{};             ///< STOP; only after the transfer
  std::optional<Errc> error;  ///< as reported to the master; only after the transfer

  /// A write of one value to one register, the command register included.
  [[nodiscard]] bool writes(std::uint8_t to, std::uint8_t value) const {
    return direction == Direction::write && bytes.size() == 2 && bytes[0] == to && bytes[1] == value;
  }
};

/// What a test does to a transfer.
enum class Intervention : std::uint8_t {
  none,
  nack_address,  ///< no effect, reported as failed
  nack_data,     ///< no effect, reported as failed
  time_out,      ///< no effect, reported as failed after the adapter's timeout
  lose_write,    ///< no effect, reported as done
  lose_ack,      ///< takes effect, reported as failed
  flip_bit,      ///< read with one wrong bit
};

/// Called on the thread of the transfer, without any lock, so that they may use the world (cut a module's power, look at the
/// truth) and may throw, to stand for the death of the process. Before: nothing of the transfer has happened. After: all has.
struct Hooks {
  std::function<Intervention(const Transaction&)> before;
  std::function<void(const Transaction&)> after;
};

/// A transfer that is over.
struct LoggedTransaction {
  std::uint64_t number = 0;
  Direction direction = Direction::read;
  I2cAddress address;
  std::uint8_t reg = 0;
  std::vector<std::uint8_t> bytes;
  BootTime begin{};
  BootTime end{};
  std::optional<Errc> error;
};

}  // namespace rbamp::simulator
