// A fleet that only books, for a ledger of any age: 16 modules with three channels, one round a minute.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/ledger.hpp"

namespace rbamp::bench {

/// Energies are those of a house between 100 W and 3 kW per channel, so that numbers are as wide as real ones. A third of the
/// channels exports.
class LedgerFleet {
 public:
  static constexpr std::size_t modules = 16;
  static constexpr std::size_t channels = 3;
  static constexpr std::chrono::seconds period{60};

  explicit LedgerFleet(UtcTime begin);

  /// Throws std::runtime_error when the ledger refuses.
  void open(storage::Ledger& ledger);
  /// A round as the daemon commits it: armed latches, then the closings of all modules; upkeep once an hour.
  void commit_round(storage::Ledger& ledger);

  [[nodiscard]] const metering::Instant& now() const { return now_; }
  [[nodiscard]] const std::vector<metering::Account>& accounts() const { return accounts_; }

 private:
  metering::ModuleCommit close(metering::Account& account);
  MicroWattHours next_energy();

  metering::Instant now_;
  metering::Instant before_;
  std::vector<metering::Account> accounts_;
  std::uint64_t noise_ = 88172645463325252U;
  std::uint16_t tick_ = 0;
  std::uint64_t rounds_ = 0;
};

}  // namespace rbamp::bench
