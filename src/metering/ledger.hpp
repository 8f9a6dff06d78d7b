// The port to the database, as the worker that writes sees it: synchronous, blocking, one thread. Implemented by storage::Ledger.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "metering/account.hpp"
#include "metering/posting.hpp"

namespace rbamp::metering {

class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  virtual ~Ledger() = default;

  /// Finds or creates place, channels and chip. Errors: ledger_*.
  [[nodiscard]] virtual Result<Account> open_account(const AccountRequest& request) = 0;
  /// Write-ahead intents, durable against the end of the process.
  [[nodiscard]] virtual Result<void> arm(std::span<const ArmedLatch> latches) = 0;
  /// One transaction, durable against a power cut when it returns. On an error nothing of it is stored and the same commit may be
  /// tried again later: ledger_full (wait), ledger_io (wait), ledger_damaged (give_up: the commit contradicts the ledger).
  [[nodiscard]] virtual Result<void> commit(const RoundCommit& round) = 0;
  /// After Remedy::reinitialise: closes the ledger and opens it anew, which repairs it; can take minutes. Accounts must be opened again,
  /// and are then as after the last call that succeeded, or what waits does not fit any more. Errors: ledger_full, ledger_busy (wait:
  /// the same call again, later); with all others this process cannot go on.
  [[nodiscard]] virtual Result<void> reopen(const Instant& /*now*/) {
    return failure(Errc::ledger_damaged, Remedy::give_up, "it cannot be opened anew in this process");
  }
  /// The last broadcast tick that was made durable; no_gc_tick when there was none.
  [[nodiscard]] virtual std::uint16_t last_gc_tick() const = 0;
  /// Retention, checkpoints, the daily snapshot: a small step each time.
  [[nodiscard]] virtual Result<void> maintain(UtcTime now, bool utc_is_trusted) = 0;
};

}  // namespace rbamp::metering
