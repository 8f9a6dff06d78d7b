// What rbampctl does before any module is reset: what it has averaged since its last booked period is booked, or knowingly lost.
#pragma once

#include <optional>

#include "commissioning/reboot.hpp"
#include "ctl/arguments.hpp"
#include "ctl/bus_access.hpp"
#include "ctl/closing_latch.hpp"
#include "ctl/context.hpp"

namespace rbamp::ctl {

/// --lose-period
void add_lose_option(Arguments command, bool& may_lose);

/// A callback for commissioning's procedures. Through rbampd: it latches and books. Otherwise: the ledger that claims the module gets the
/// period, under its lock. A module that no ledger claims has nothing to book. With `may_lose` an error is only told, and the
/// time becomes a gap in the ledger. `context`, `access` and this object must outlive it.
class ResetGuard {
 public:
  ResetGuard(Context& context, BusAccess& access, bool may_lose) : context_(context), access_(access), may_lose_(may_lose) {}

  [[nodiscard]] commissioning::BeforeReset callback();
  /// What was booked in the ledger by ourselves.
  [[nodiscard]] const std::optional<BookedPeriod>& booked() const { return booked_; }

 private:
  [[nodiscard]] Result<void> close(const commissioning::ModuleLink& module);

  Context& context_;
  BusAccess& access_;
  bool may_lose_;
  std::optional<BookedPeriod> booked_;
};

}  // namespace rbamp::ctl
