// Reading every window: in real time with the kernel's clocks and timers, and in virtual time against the truth of export.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/settings.hpp"

namespace rbamp::bench {

struct LiveReport {
  std::uint64_t windows_seen = 0;
  std::uint64_t windows_missed = 0;
  double cpu_percent = 0.0;              ///< of one core, without the simulated modules
  double cpu_us_per_reading = 0.0;       ///< the same, per reading: what is outside the system call
  double allocations_per_reading = 0.0;  ///< by operator new, without the simulated modules; sd-event's are not among them
  double switches_per_reading = 0.0;     ///< voluntary, of all threads: one of them is the transfer's
  double stolen_s = 0.0;                 ///< by the host of a virtual machine, of all processors: what makes windows late here
  double edge_median_us = 0.0;           ///< from an edge of DRDY to the begin of the read; 0 without edges
  double edge_p99_us = 0.0;
};
/// UI1 on two buses of 100 kHz, all with the role grid. Blocks for about `seconds`. Without `edges` windows are read by the clock.
[[nodiscard]] LiveReport run_live_house(int seconds, bool edges, std::size_t modules_per_bus);

struct ExportReport {
  double against_windows_percent = 0.0;   ///< of booked export: the sum over windows is the best that any master can know
  double against_physical_percent = 0.0;  ///< what an ideal meter would show
  double failed_percent = 0.0;            ///< reads that stayed failed after all attempts
};
/// A day of one UI1 at a bus on which about one read in a hundred stays failed.
[[nodiscard]] ExportReport run_export_day(const simulator::LoadSettings& load);

}  // namespace rbamp::bench
