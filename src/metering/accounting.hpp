// The port between the fleet, which finds closed periods, and the ledger, which keeps them. Implemented by the daemon.
// All calls on the loop thread, none blocks; answers come later on the loop thread, in the order of the calls.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "metering/book.hpp"
#include "metering/posting.hpp"

namespace rbamp::metering {

/// What one latch round, or one recovery, found out about one module.
struct ModuleReport {
  ModuleKey module{};
  PlaceKey place{};
  std::vector<ClosedPeriod> closed;  ///< in time order, without holes; empty after a primer or an empty latch
  std::optional<Anchor> anchor;      ///< the new one
  std::optional<ResetSeen> reset;
  std::optional<Intent> next_intent;  ///< the planned next latch
};

class Accounting {
 public:
  using Done = std::function<void(Result<void>)>;
  /// Whether who waits for a booking still does when later ones were made.
  enum class Answer : std::uint8_t {
    always,
    while_newest,  ///< of no use after the next round; left out when the disk refuses for so long that rounds are joined
  };

  Accounting() = default;
  Accounting(const Accounting&) = delete;
  Accounting& operator=(const Accounting&) = delete;
  virtual ~Accounting() = default;

  /// The account of a place metered by this chip, as it is after everything that was booked on it: the answer waits for that.
  /// Errors: ledger_* (ledger_busy: the disk refuses, and something of this place waits for it); the caller tries again later.
  virtual void open(AccountRequest request, std::function<void(Result<Account>)> done) = 0;
  /// Makes intents durable before the latch is sent (protocol 10.2 step 0). An error means that the ledger cannot be
  /// written now; latching goes on, since the module's average must be closed, but a crash then may cost a period.
  virtual void arm(std::vector<ArmedLatch> latches, Done done) = 0;
  /// Books everything in one transaction. `durable` is called when it is on disk, which can be much later while the disk
  /// is full; acknowledge to the modules only then.
  virtual void book(std::vector<ModuleReport> reports, std::uint16_t last_gc_tick, Done durable, Answer answer) = 0;
  /// The last tick ever used for a broadcast latch, from the ledger; no_gc_tick when there was none.
  [[nodiscard]] virtual std::uint16_t last_gc_tick() const = 0;
};

}  // namespace rbamp::metering
