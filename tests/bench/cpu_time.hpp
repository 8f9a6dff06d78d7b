// Processor time, for numbers that a busy machine does not change.
#pragma once

#include <ctime>

namespace rbamp::bench {

/// In seconds, of the whole process or (CLOCK_THREAD_CPUTIME_ID) of the calling thread.
[[nodiscard]] inline double cpu_seconds(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace rbamp::bench
