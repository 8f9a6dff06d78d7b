// Counts what is allocated by operator new: it is replaced, for this program.
#pragma once

#include <cstdint>

namespace rbamp::bench {

/// By all threads since the program began.
[[nodiscard]] std::uint64_t allocation_count();
/// By the calling thread.
[[nodiscard]] std::uint64_t allocation_count_of_thread();

}  // namespace rbamp::bench
