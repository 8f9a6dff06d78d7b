#include "fleet/block_read.hpp"

#include <algorithm>
#include <array>

namespace rbamp::fleet {

bool identical(ReadBytes a, ReadBytes b) { return std::ranges::equal(a, b); }

Error torn_read(const std::string& bus, I2cAddress address, std::uint8_t start) {
  return {Errc::torn_read, Remedy::retry,
          "module " + to_string(address) + " on bus \"" + bus + "\": repeated reads of register " + to_string(I2cAddress{start}) +
              " disagree; two modules may share the address, or wiring, pull-ups or bus speed are bad"};
}

Result<void> read_into(std::span<std::uint8_t> block, BusStation& bus, I2cAddress address, std::uint8_t start,
                       const Dialect& dialect, Effort effort) {
  return dialect.bytewise ? bus.read_bytewise(address, start, block, effort) : bus.read(address, start, block, effort);
}

Result<void> read_agreed_into(std::span<std::uint8_t> block, BusStation& bus, I2cAddress address, std::uint8_t start,
                              const Dialect& dialect, Effort effort, SameBlock same) {
  if (auto first = read_into(block, bus, address, start, dialect, effort); !first) return first;
  std::array<std::uint8_t, 256> registers{};  // as many as there are addresses
  const auto last = std::span{registers}.first(block.size());
  for (int i = 0; i < agreement_attempts; ++i) {
    std::ranges::copy(block, last.begin());
    if (auto next = read_into(block, bus, address, start, dialect, effort); !next) return next;
    if (same(last, block)) return {};
  }
  return failure(torn_read(bus.name(), address, start));
}

}  // namespace rbamp::fleet
