// Reading until two reads in a row agree: I2C has no checksum, and some registers are not frozen. Protocol 10.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"

namespace rbamp::commissioning {

/// Blocks for at least two calls of `read`, which returns a Result of an array; `same` says whether two of them count as equal.
/// Errors: those of `read`; torn_read (retry) with `what`, when no two reads in a row agreed.
template <class Read, class Same>
[[nodiscard]] auto read_agreed(Read read, Same same, const std::string& what) -> decltype(read()) {
  constexpr int most_reads = 5;
  auto last = read();
  if (!last) return last;
  for (int i = 1; i < most_reads; ++i) {
    auto next = read();
    if (!next || same(*last, *next)) return next;
    last = std::move(next);
  }
  return failure(Errc::torn_read, Remedy::retry,
                 what + ": repeated reads disagree; two modules may share the address, or wiring, pull-ups or bus speed are bad");
}

}  // namespace rbamp::commissioning
