// A simulated day in which something goes wrong: how much energy is lost or misplaced, line by line against the truth.
#pragma once

#include <string>
#include <vector>

namespace rbamp::bench {

struct FaultDay {
  std::string name;
  double error_percent = 0.0;   ///< of the energy outside gaps against the truth over the same time; the worst channel
  double gap_s = 0.0;           ///< of the worst module
  double estimated_s = 0.0;     ///< of the worst module
  double gap_truth_wh = 0.0;    ///< what really flowed in the gaps of the worst module
  double gap_bound_wh = 0.0;    ///< what their notes say that can have flowed at most
  bool gap_bounds_hold = true;  ///< each gap's note contains its truth
  bool verifies = false;        ///< storage::verify_ledger found nothing
  std::size_t lines = 0;
  int kills = 0;
  double wall_s = 0.0;
};

/// 24 hours of three modules with 5 % NACKs, three bursts of interference, 20 kill -9, one module reset, and a clock that is stepped
/// forward and back; on the real fleet, bookkeeper and SQLite ledger, in virtual time. Throws when an invariant breaks.
[[nodiscard]] FaultDay run_bad_day();

/// A day per kind of fault of the simulator, every hour or all day; faults of the DRDY line move no energy and are left out.
[[nodiscard]] std::vector<FaultDay> run_fault_days();

}  // namespace rbamp::bench
