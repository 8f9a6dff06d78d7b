// Reading a block of registers in a module's dialect, once or until two reads agree. Protocol 10.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "fleet/bus_station.hpp"
#include "fleet/dialect.hpp"

namespace rbamp::fleet {

inline constexpr int agreement_attempts = 4;  // of two reads that must be identical

using ReadBytes = std::span<const std::uint8_t>;
/// Whether two reads of a block count as equal.
using SameBlock = bool (*)(ReadBytes, ReadBytes);
[[nodiscard]] bool identical(ReadBytes a, ReadBytes b);

/// What to tell when reads of a block go on to disagree.
[[nodiscard]] Error torn_read(const std::string& bus, I2cAddress address, std::uint8_t start);

/// Registers from `start` on: in one burst where the module can, else one by one. Blocks. Errors: those of the bus.
[[nodiscard]] Result<void> read_into(std::span<std::uint8_t> block, BusStation& bus, I2cAddress address, std::uint8_t start,
                                     const Dialect& dialect, Effort effort);
/// Reads until two reads in a row agree, and keeps the later. I2C has no CRC: this is the check. Blocks for at least two reads.
/// Errors: those of the bus; torn_read (retry).
[[nodiscard]] Result<void> read_agreed_into(std::span<std::uint8_t> block, BusStation& bus, I2cAddress address,
                                            std::uint8_t start, const Dialect& dialect, Effort effort, SameBlock same);

template <std::size_t Size>
[[nodiscard]] Result<std::array<std::uint8_t, Size>> read_block(BusStation& bus, I2cAddress address, std::uint8_t start,
                                                                const Dialect& dialect, Effort effort) {
  std::array<std::uint8_t, Size> block{};
  if (auto done = read_into(block, bus, address, start, dialect, effort); !done) return failure(std::move(done.error()));
  return block;
}
template <std::size_t Size>
[[nodiscard]] Result<std::array<std::uint8_t, Size>> read_agreed(BusStation& bus, I2cAddress address, std::uint8_t start,
                                                                 const Dialect& dialect, Effort effort,
                                                                 SameBlock same = identical) {
  std::array<std::uint8_t, Size> block{};
  if (auto done = read_agreed_into(block, bus, address, start, dialect, effort, same); !done)
    return failure(std::move(done.error()));
  return block;
}

}  // namespace rbamp::fleet
