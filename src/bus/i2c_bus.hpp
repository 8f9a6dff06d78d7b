// One I2C bus as its master sees it: the transfers the rbAmp protocol needs, and nothing about rbAmp.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace rbamp::bus {

/// What the adapter can do. Protocol 3.2: without plain I2C there is no read over 32 bytes and no general call.
struct Capabilities {
  bool plain_i2c = true;        ///< I2C_FUNC_I2C: combined transfers of any length
  std::size_t max_read = 8192;  ///< bytes in one read
  bool general_call = true;
};

/// A bus that is open. All calls block for the transfer (1 ms for 8 bytes at 100 kHz) and at most for the adapter's
/// timeout; they belong on the bus's worker thread, one at a time. Nothing is retried here: that is the caller's policy.
///
/// Errors: bus_nack (retry), bus_arbitration (retry), bus_timeout and bus_io (retry; wait when it lasts),
/// bus_missing (reinitialise), bus_permission (give_up), bus_unsupported (give_up). After a failed write the effect is unknown.
class I2cBus {
 public:
  I2cBus() = default;
  I2cBus(const I2cBus&) = delete;
  I2cBus& operator=(const I2cBus&) = delete;
  virtual ~I2cBus() = default;

  /// `S A+W reg Sr A+R [into...] P`: sets the pointer and reads, in one transaction. Protocol 3.1.
  [[nodiscard]] virtual Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) = 0;
  /// `S A+W bytes... P`. Address 0x00 is the general call. Protocol 3.1.
  [[nodiscard]] virtual Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) = 0;

  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  /// "/dev/i2c-1" or "simulator"
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// Bits that a transfer takes on the wire, and so its time: protocol 3.3.
[[nodiscard]] constexpr std::uint32_t read_bits(std::size_t bytes) { return static_cast<std::uint32_t>(30 + 9 * bytes); }
[[nodiscard]] constexpr std::uint32_t write_bits(std::size_t bytes) { return static_cast<std::uint32_t>(11 + 9 * bytes); }

}  // namespace rbamp::bus
