// Puts a backup in the place of the ledger.
#pragma once

#include <optional>
#include <string>

#include "ctl/context.hpp"

namespace rbamp::ctl {

struct Restored {
  std::string ledger;
  std::optional<std::string> replaced;  ///< where the ledger that stood there is now; none: there was none
  bool has_fresh_registers = false;     ///< the registers of the replaced ledger were noted beside it, as they were at the end
};

/// Verifies `backup` from end to end, makes sure that no daemon runs, copies it beside the ledger, and swaps both in two renames. Until
/// then an error leaves everything as it was. One of an earlier version is brought up to date in that copy, and verified there. Blocks for minutes on large files.
/// Errors: ledger_busy when rbampd has the ledger; ledger_damaged when the backup is not sound, which names the violation;
/// request_invalid when both are the same file; ledger_*.
[[nodiscard]] Result<Restored> restore(Context& context, const std::string& backup);

}  // namespace rbamp::ctl
