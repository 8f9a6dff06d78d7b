// Goes on after damage: a new ledger with the registers of the old one takes its place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/settings.hpp"
#include "storage/snapshot.hpp"

namespace rbamp::storage {

struct Restored {
  std::string aside;              ///< where the damaged file is now; empty when there was none
  std::vector<std::string> told;  ///< sentences for the log
};

/// Builds the new ledger beside the damaged one (PATH.restoring) and exchanges the two only when it is complete and on the disk:
/// whatever ends this, a full disk included, leaves the damaged file in its place for the next try. Blocks for the disk.
/// Throws Failure: ledger_full, ledger_io, ledger_readonly.
[[nodiscard]] Restored restore_ledger(const Settings& settings, const std::optional<Snapshot>& snapshot, UtcTime now);

/// To be called before anything else at each opening: ends an exchange that was interrupted, and removes an unfinished new
/// ledger. Returns where the damaged file is when there was something to end. Throws Failure like restore_ledger.
std::optional<std::string> finish_restore(const std::string& path, UtcTime now);

}  // namespace rbamp::storage
