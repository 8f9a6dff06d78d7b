// A period that rbampd closed because rbampctl asked it to, and what the ledger shows of it.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "ctl/context.hpp"
#include "dbus/client.hpp"
#include "metering/account.hpp"
#include "storage/reader.hpp"

namespace rbamp::ctl {

/// rbampd closes the running period of all its modules at once. That it did says nothing of a single one: a module that it lost and
/// looks for takes no part, and a latch may miss one. Only the ledger proves that the period of a module is booked.
class DaemonLatch {
 public:
  /// Returns when the round is over and booked. Blocks as dbus::Client::latch_now, whose errors these are.
  [[nodiscard]] static Result<DaemonLatch> send(Context& context, dbus::Client& daemon);

  /// The newest line of each channel of this place and chip that ended with that latch; corrections are none. Empty: nothing was
  /// booked for it. Blocks for the disk. Errors: those of Context::open_ledger and storage::Reader.
  [[nodiscard]] Result<std::vector<storage::LedgerLine>> lines_of(Context& context, const metering::AccountRequest& claim) const;

 private:
  explicit DaemonLatch(UtcTime asked_at) : asked_at_(asked_at) {}

  UtcTime asked_at_;
};

}  // namespace rbamp::ctl
