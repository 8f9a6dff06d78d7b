// The real rbampd, killed with SIGKILL again and again on a simulated house that goes on without it. For the test and the benchmark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rbamp::e2e {

struct KillNineReport {
  int kills = 0;
  std::size_t lines = 0;
  std::size_t recovered = 0;
  double energy_wh = 0.0;      ///< booked
  double error_percent = 0.0;  ///< of all that was booked against the simulator's truth over the same time, the worst module
  double worst_share = 0.0;    ///< largest error of a line over what a window at each end allows; at most 1
  double wall_s = 0.0;
  std::vector<std::string> findings;  ///< what must not be; empty when all is well
};

/// Starts `rbampd`, kills it after 20 ms to 2.2 s (also while it is starting), and again, `kills` times; then lets it meter for three
/// seconds and end in order. Checks: the totals never fall, no line is a gap or an estimate, lines adjoin to the microsecond and agree
/// with the truth, one by one and all together, PRAGMA integrity_check, and `rbampctl verify`. Blocks for about 1.2 s per kill. Throws
/// when a program does not start.
[[nodiscard]] KillNineReport run_kill_nine(const std::string& rbampd, const std::string& rbampctl, int kills, std::uint64_t seed);

}  // namespace rbamp::e2e
