// What a fuzzer claims: the process ends, with a report, where it does not hold.
#pragma once

#include <cstdlib>

namespace rbamp::fuzz {

inline void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace rbamp::fuzz
