// The ledger's file as the bookkeeper sees it: storage::Ledger behind metering's port, with its notices in the log.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/local_time.hpp"
#include "log/logger.hpp"
#include "metering/ledger.hpp"
#include "storage/ledger.hpp"
#include "storage/reader.hpp"
#include "storage/settings.hpp"

namespace rbamp::daemon {

/// Everything blocks and belongs on the storage worker, except last_gc_tick(), which the constructor has read.
/// After a reopening that failed every call fails like it, until one works.
class LedgerFile final : public metering::Ledger {
 public:
  /// `settings` and `zone`: as `ledger` was opened with, for opening it anew.
  LedgerFile(std::unique_ptr<storage::Ledger> ledger, storage::Settings settings, TimeZone zone, log::Logger& log);

  [[nodiscard]] Result<metering::Account> open_account(const metering::AccountRequest& request) override;
  [[nodiscard]] Result<void> arm(std::span<const metering::ArmedLatch> latches) override;
  [[nodiscard]] Result<void> commit(const metering::RoundCommit& round) override;
  [[nodiscard]] Result<void> reopen(const metering::Instant& now) override;
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return last_gc_tick_; }
  [[nodiscard]] Result<void> maintain(UtcTime now, bool utc_is_trusted) override;

  void set_retention(Microseconds closings, Microseconds quarter_hours);
  /// The clock became trustworthy or was stepped at `as_of`: corrects the labels of this boot, also of what still waits for the disk.
  [[nodiscard]] Result<void> relabel(const BootId& boot, Microseconds utc_minus_boot, BootTime as_of);
  [[nodiscard]] storage::Health health() const;
  /// An event that cannot be stored is gone: a ledger that refuses it has said so about something more important.
  void record(const storage::LedgerEvent& event);
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  void set_text(std::string_view name, const std::string& value);
  /// Lines of the newest `rounds` commits whose period ended in (from, to], in ledger order. Errors: as storage::Reader.
  [[nodiscard]] Result<std::vector<storage::LedgerLine>> newest_lines(UtcTime from, UtcTime to, std::int64_t rounds) const;

  /// Logs what opening or upkeep did.
  static void tell(const std::vector<storage::Notice>& notices, log::Logger& log);

 private:
  struct Labels {
    BootId boot;
    Microseconds utc_minus_boot{};
    BootTime as_of{};
  };

  std::unique_ptr<storage::Ledger> ledger_;  ///< none: see closed_
  storage::Settings settings_;
  TimeZone zone_;
  log::Logger& log_;
  std::uint16_t last_gc_tick_;
  std::optional<Labels> labels_;  ///< what was asked for last
  Error closed_;                  ///< why opening it anew failed
};

}  // namespace rbamp::daemon
