// A simulated day on the real fleet, bookkeeper and SQLite ledger, in virtual time: accuracy, bus, processor and disk.
#pragma once

#include <string>

#include "support/house.hpp"

namespace rbamp::bench {

struct DayReport {
  std::string name;
  double error_percent = 0.0;  ///< of booked import against the physical truth over the covered time; the worst channel
  double transactions_per_module_period = 0.0;
  double bytes_per_module_period = 0.0;
  double bus_ms_per_module_period = 0.0;
  double cpu_us_per_period = 0.0;      ///< of the whole process, simulator included
  double disk_bytes_per_period = 0.0;  ///< growth of file and log, checkpoints included
  double wall_s = 0.0;
  std::size_t periods = 0;
};

/// `modules` as they are; one day with 60 s periods.
[[nodiscard]] DayReport run_day(const std::string& name, support::HouseSettings settings);

}  // namespace rbamp::bench
