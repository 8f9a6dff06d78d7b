// Anything that hangs on a simulated bus, byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ids.hpp"
#include "simulator/sim_time.hpp"

namespace rbamp::simulator {

/// Not thread-safe: the world's lock is held during every call. `advance` comes first, with a time that never goes back; the
/// other calls happen at that instant. Nothing here blocks.
class Chip {
 public:
  Chip() = default;
  Chip(const Chip&) = delete;
  Chip& operator=(const Chip&) = delete;
  virtual ~Chip() = default;

  virtual void advance(SimTime now) = 0;
  /// False when it is certain, without `advance`, that this chip does not answer then: most chips on a bus, most of the time.
  [[nodiscard]] virtual bool may_answer(I2cAddress to, SimTime now) const = 0;
  /// Would this chip pull SDA low after its address, or after 0x00 for the general call?
  [[nodiscard]] virtual bool acknowledges(I2cAddress to) const = 0;

  /// A whole write, at its STOP. False: not acknowledged to the end, whatever it did.
  virtual bool write(I2cAddress to, std::span<const std::uint8_t> bytes) = 0;

  /// The pointer is set: all bytes as they are now.
  virtual void begin_read(std::uint8_t reg, std::span<std::uint8_t> out) = 0;
  /// Something changed in the middle of a read: bytes from index `from` on, as far as they are not frozen for this read.
  virtual void continue_read(std::uint8_t reg, std::size_t from, std::span<std::uint8_t> out) = 0;
  /// The read ended well, a master has the bytes.
  virtual void end_read(std::uint8_t reg, std::size_t size) = 0;
  /// First instant after now at which register bytes may change by themselves.
  [[nodiscard]] virtual SimTime next_change() const = 0;

  /// A transfer to this chip broke off in the middle.
  virtual void count_bus_error() {}
  /// The bus was stuck during a transfer, to whomever, and is given up and set up anew.
  virtual void count_bus_recovery() {}
};

}  // namespace rbamp::simulator
