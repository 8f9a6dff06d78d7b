// How much memory the program holds, for claims about growth.
#pragma once

#include <malloc.h>

#include <cstddef>

namespace rbamp::support {

/// Bytes that were allocated and not given back. Under a sanitizer, which has an allocator of its own, always 0: its leak check does
/// the work there.
[[nodiscard]] inline std::size_t heap_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace rbamp::support
