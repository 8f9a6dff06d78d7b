// Lives and deaths of one house at random instants in virtual time, held against the simulator's truth. For the test and the benchmark.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "line_judge.hpp"
#include "metering/ledger.hpp"

namespace rbamp::support {

struct CampaignReport {
  std::string words;                  ///< the seed, and what it decided
  std::vector<std::string> findings;  ///< what broke I1 to I5, or contradicts the truth; empty when all is well
  int process_deaths = 0;
  int module_deaths = 0;
  int bus_deaths = 0;
  int disk_deaths = 0;
  JudgedSums lines;
};

/// Kills `kills` times: the process, a module's supply, the bus, or what the disk takes; before or after any bus transaction or ledger
/// step, or at any other instant; while the fault script of that seed runs. Everything follows from the seed. `ledger`: where it is
/// booked; none: in memory. Takes milliseconds per kill, no real waiting.
[[nodiscard]] CampaignReport run_kill_campaign(std::uint64_t seed, int kills, metering::Ledger* ledger = nullptr);

}  // namespace rbamp::support
