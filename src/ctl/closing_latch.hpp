// Closes and books the running period of a module as rbampd would, for tools that are about to reset it while rbampd does not run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "ctl/bus_access.hpp"
#include "ctl/context.hpp"

namespace rbamp::ctl {

struct BookedEnergy {
  std::string channel;
  MicroWattHours energy_import;
  MicroWattHours energy_export;
};

/// What was booked for one module: everything since its last booked period.
struct BookedPeriod {
  std::string place;
  Microseconds length{};
  std::vector<BookedEnergy> channels;
};

/// The place that this chip meters by the ledger, as it was metered last. nullopt: it meters none, or there is no ledger.
/// Blocks for the disk. Errors: those of Context::open_ledger, when there is one that cannot be read.
[[nodiscard]] Result<std::optional<metering::AccountRequest>> find_claim(Context& context, const ModuleUid& uid);

/// Whether close_period could book now: rbampctl may write the ledger, and no rbampd has it. Takes its lock and gives it back; blocks for
/// the disk. Errors: ledger_busy, ledger_readonly, ledger_io; those of LedgerWriter::prepare.
[[nodiscard]] Result<void> check_bookable(Context& context);

/// Latches the module, reads what it averaged and books it: intent, latch, look, verdict and commit in the order of protocol 10.2, so
/// that a crash at any point is recovered by the next start of rbampd. Blocks for some 0.2 s and the disk.
/// Errors: ledger_busy when a rbampd has the ledger; ledger_*; bus_*; torn_read. Nothing that the module averaged is lost by an error.
[[nodiscard]] Result<BookedPeriod> close_period(Context& context, BusAccess& access, const commissioning::ModuleLink& module,
                                                const metering::AccountRequest& claim);

}  // namespace rbamp::ctl
