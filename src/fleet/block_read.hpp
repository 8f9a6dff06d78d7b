// Reading a block of registers in a module's dialect, once or until two reads agree. Protocol 10.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "fleet/bus_station.hpp"
#include "fleet/dialect.hpp"

namespace rbamp::fleet {

inline constexpr int agreement_attempts = 4;  // of two reads that must be identical

template <std::size_t Size>
Result<std::array<std::uint8_t, Size>> read_block(BusStation& bus, I2cAddress address, std::uint8_t start, const Dialect& dialect,
                                                  Effort effort) {
  std::array<std::uint8_t, Size> bytes{};
  auto result = dialect.bytewise ? bus.read_bytewise(address, start, bytes, effort) : bus.read(address, start, bytes, effort);
  if (!result) return failure(std::move(result.error()));
  return bytes;
}

/// Reads until two reads in a row agree. I2C has no CRC: this is the check. Errors: those of the bus; torn_read (retry).
template <std::size_t Size, class Same>
Result<std::array<std::uint8_t, Size>> read_agreed(BusStation& bus, I2cAddress address, std::uint8_t start,
                                                   const Dialect& dialect, Effort effort, Same same) {
  auto last = read_block<Size>(bus, address, start, dialect, effort);
  if (!last) return last;
  for (int i = 0; i < agreement_attempts; ++i) {
    auto next = read_block<Size>(bus, address, start, dialect, effort);
    if (!next) return next;
    if (same(*last, *next)) return next;
    last = std::move(next);
  }
  return failure(Errc::torn_read, Remedy::retry,
                 "module " + to_string(address) + " on bus \"" + bus.name() + "\": repeated reads of register " +
                     to_string(I2cAddress{start}) +
                     " disagree; two modules may share the address, or wiring, pull-ups or bus speed are bad");
}

template <std::size_t Size>
bool identical(const std::array<std::uint8_t, Size>& a, const std::array<std::uint8_t, Size>& b) {
  return a == b;
}

}  // namespace rbamp::fleet
