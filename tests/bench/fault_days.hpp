// A simulated day in which something goes wrong: how much energy is lost or misplaced, line by line against the truth.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rbamp::bench {

/// What a broker that goes away for a part of the day does, and does not do.
struct BrokerDay {
  double outage_s = 0.0;
  std::size_t messages = 0;
  bool shows_ledger_after_outage = false;  ///< every register on the broker is that of the ledger, to the watt-hour
  bool shows_ledger_at_end = false;
  bool never_fell = false;          ///< of the registers that reached the broker
  bool energy_is_the_same = false;  ///< as on the same day without an outage, to the micro-watt-hour
};

struct FaultDay {
  std::string name;
  double error_percent = 0.0;   ///< of the energy outside gaps against the truth over the same time; the worst channel
  double gap_s = 0.0;           ///< of the worst module
  double estimated_s = 0.0;     ///< of the worst module
  double gap_truth_wh = 0.0;    ///< what really flowed in the gaps of the worst module
  double gap_bound_wh = 0.0;    ///< what their notes say that can have flowed at most
  bool gap_bounds_hold = true;  ///< each gap's note contains its truth
  bool verifies = false;        ///< storage::verify_ledger found nothing
  std::optional<BrokerDay> broker;
  std::size_t lines = 0;
  int kills = 0;
  double wall_s = 0.0;
};

/// 24 hours of three modules with 5 % NACKs, three bursts of interference, 20 kill -9, one module reset, a broker that is away for
/// four and a half hours, and a clock that is stepped forward and back; on the real fleet, bookkeeper, SQLite ledger and MQTT output (its
/// connection is in memory), in virtual time. Throws when an invariant breaks.
[[nodiscard]] FaultDay run_bad_day();

/// A day per kind of fault of the simulator, every hour or all day; faults of the DRDY line move no energy and are left out.
[[nodiscard]] std::vector<FaultDay> run_fault_days();

}  // namespace rbamp::bench
