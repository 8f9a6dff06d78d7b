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

/// A check, and a callback for commissioning's procedures. Through rbampd: it latches and books, and the ledger shows that it did.
/// Otherwise: the ledger that claims the module gets the period, under its lock. A module that no ledger claims, and one without a
/// voltage input, which averages no power, have nothing to book. With `may_lose` an error is only told, and the time becomes a gap in
/// the ledger. `context`, `access` and this object must outlive it.
class ResetGuard {
 public:
  ResetGuard(Context& context, BusAccess& access, bool may_lose) : context_(context), access_(access), may_lose_(may_lose) {}

  /// To be asked before anything is written to the module: whether its period could be booked. What a procedure stores in the module
  /// before its reset cannot be taken back when the period cannot. With `may_lose` it never fails. Blocks for the disk.
  /// Errors: those of find_claim and check_bookable.
  [[nodiscard]] Result<void> check(const commissioning::ModuleLink& module);

  [[nodiscard]] commissioning::BeforeReset callback();
  /// What was booked in the ledger by ourselves.
  [[nodiscard]] const std::optional<BookedPeriod>& booked() const { return booked_; }

 private:
  [[nodiscard]] Result<void> is_bookable(const commissioning::ModuleLink& module);
  [[nodiscard]] Result<void> close(const commissioning::ModuleLink& module);
  [[nodiscard]] Result<void> close_by_daemon(const commissioning::ModuleLink& module, dbus::Client& daemon);
  [[nodiscard]] Result<void> close_here(const commissioning::ModuleLink& module, const metering::AccountRequest& claim);

  Context& context_;
  BusAccess& access_;
  bool may_lose_;
  std::optional<BookedPeriod> booked_;
};

}  // namespace rbamp::ctl
