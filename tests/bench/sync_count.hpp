// Counts what asks the disk to be sure: the functions of the C library are replaced, for this program.
#pragma once

#include <cstdint>

namespace rbamp::bench {

/// Calls of fsync and fdatasync since the program began. They do nothing else here: the time of a sync belongs to the disk.
[[nodiscard]] std::uint64_t sync_count();

}  // namespace rbamp::bench
