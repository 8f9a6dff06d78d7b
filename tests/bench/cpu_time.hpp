// Processor time, for numbers that a busy machine does not change.
#pragma once

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

namespace rbamp::bench {

/// In seconds, of the whole process or (CLOCK_THREAD_CPUTIME_ID) of the calling thread.
[[nodiscard]] inline double cpu_seconds(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// In seconds, of all processors since the boot: this virtual machine wanted to run, and its host ran something else.
[[nodiscard]] inline double stolen_seconds() {
  std::ifstream in{"/proc/stat"};
  std::string word;
  in >> word;  // "cpu", then user, nice, system, idle, iowait, irq, softirq, steal in ticks
  double ticks = 0.0;
  for (int i = 0; i < 8; ++i) in >> ticks;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace rbamp::bench
