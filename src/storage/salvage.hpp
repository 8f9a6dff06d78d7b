// Fills a new, empty ledger with what a damaged one and the daily snapshot still tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/local_time.hpp"
#include "storage/database.hpp"
#include "storage/snapshot.hpp"

namespace rbamp::storage {

struct SalvageSource {
  std::optional<std::string> damaged_path;  ///< set aside, with its log beside it
  std::optional<Snapshot> snapshot;
  UtcTime now{};
};

/// `fresh` has the schema and nothing else. One transaction. Per channel the newer source counts: the damaged file when its
/// rows still fit together and are not behind the snapshot. Days are taken over too; quarter hours and single closings stay in
/// the file that was set aside. Returns sentences for the log. Throws Failure only for faults of the new file.
std::vector<std::string> salvage_into(Connection& fresh, const SalvageSource& source);

}  // namespace rbamp::storage
