// Checks a whole ledger: the invariants of its lines, and that registers, lines, days, places and anchors agree.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace rbamp::storage {

struct Violation {
  std::string rule;   ///< "I1" to "I5", "registers", "days", "rows", "file"
  std::string where;  ///< "mains/house, closing 1234 (round 4, 2026-01-05T09:01:00Z)"
  std::string what;   ///< one sentence with the numbers
};

struct Verdict {
  std::uint64_t rounds = 0;
  std::uint64_t closings = 0;
  std::uint64_t postings = 0;
  std::optional<Violation> first_violation;  ///< none: the ledger holds what it promises
};

/// Called every few thousand rounds with how many were looked at, of how many; before the first, while pages are checked, with 0.
using VerifyProgress = std::function<void(std::uint64_t rounds, std::uint64_t all_rounds)>;

/// Reads the file from end to end through a connection that cannot write; the daemon may go on meanwhile (one read transaction: its
/// log grows until the end). Memory depends on the number of channels, not of rows. Blocks for seconds on a large file.
/// I1: each total is the one before plus the energy of the line, and the register is the last total.
/// I2: no energy is negative, but for adjustments.
/// I3: a period begins where the one before it ended, and a place is covered until the end of its newest line.
/// I4: the file is not older than the snapshot beside it, which holds what was published.
/// I5: no anchor is before the end of the newest line of its place: that time would be billed again.
/// Errors: ledger_io, ledger_damaged (not a ledger at all), ledger_newer.
[[nodiscard]] Result<Verdict> verify_ledger(const std::string& path, const VerifyProgress& progress = {});

}  // namespace rbamp::storage
