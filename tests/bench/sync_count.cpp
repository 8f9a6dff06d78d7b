#include "bench/sync_count.hpp"

#include <atomic>

namespace {

std::atomic<std::uint64_t> calls{0};

}  // namespace

// SQLite is a shared library: its calls come here first.
extern "C" int fsync(int /*file*/) {
  ++calls;
  return 0;
}

extern "C" int fdatasync(int /*file*/) {
  ++calls;
  return 0;
}

namespace rbamp::bench {

std::uint64_t sync_count() { return calls; }

}  // namespace rbamp::bench
