// Opens the ledger at the start; when systemd has started us again because it could not be opened, waits until it can.
#pragma once

#include "base/local_time.hpp"
#include "daemon/notifier.hpp"
#include "daemon/start_record.hpp"
#include "log/logger.hpp"
#include "loop/loop.hpp"
#include "storage/ledger.hpp"

namespace rbamp::daemon {

class LedgerOpener {
 public:
  struct Environment {
    const TimeZone& zone;
    const StartRecord& record;
    loop::Loop& loop;
    log::Logger& log;
  };
  LedgerOpener(storage::Settings settings, Environment environment);

  /// Blocks for the disk, and runs the loop while it waits. While every page of the ledger is looked at, or
  /// copied, systemd's patience with the start is renewed. Failures are logged. Errors: those of storage::Ledger::open(), and cancelled when it was told to stop while it
  /// waited, looked or copied.
  [[nodiscard]] Result<storage::OpenedLedger> open();

 private:
  [[nodiscard]] Result<storage::OpenedLedger> try_once();
  [[nodiscard]] Result<storage::OpenedLedger> wait(Error why);
  [[nodiscard]] Result<storage::OpenedLedger> stopped(const std::string& message);
  void complain(const Error& why);

  storage::Settings settings_;
  Environment env_;
  Notifier notifier_;
};

/// A full disk, a ledger that somebody else holds, and an error of the medium may pass without a change to the machine's set-up: the
/// service is to come back by itself. Everything else needs a person first.
[[nodiscard]] bool passes_by_itself(const Error& why);

}  // namespace rbamp::daemon
