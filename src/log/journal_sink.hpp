// Records with their fields to the systemd journal.
#pragma once

#include <string>
#include <vector>

#include "log/logger.hpp"

namespace rbamp::log {

/// One journal entry per record: MESSAGE, PRIORITY, MESSAGE_ID where there is one, SYSLOG_IDENTIFIER=rbampd, and the record's
/// fields under their own names. trace and debug both have priority 7.
///
/// Any thread; hands the entry to journald's socket, which may block shortly while journald is busy. When journald refuses the
/// entry, message and priority go to stderr instead, which the journal reads as well.
class JournalSink final : public Sink {
 public:
  void write(const Record& record) noexcept override;
};

/// What a record becomes: "NAME=value" each, in the order above.
[[nodiscard]] std::vector<std::string> journal_entry(const Record& record);

}  // namespace rbamp::log
