// The real rbampd as a child process on the simulated house: start-to-READY, memory, wake-ups, disk.
#pragma once

#include <string>

namespace rbamp::bench {

struct ProcessReport {
  double ready_ms = 0.0;  ///< from fork to READY=1
  double resident_mb = 0.0;
  double cpu_ms_per_period = 0.0;
  double wakeups_per_s = 0.0;  ///< voluntary context switches of all threads
  double disk_bytes_per_period = 0.0;
  double stop_ms = 0.0;  ///< from SIGTERM to the end
};

/// Blocks for about `seconds`. `extra_toml` is added to a configuration of three modules with a period of 1 s.
[[nodiscard]] ProcessReport run_process(const std::string& program, int seconds, const std::string& extra_toml);

}  // namespace rbamp::bench
