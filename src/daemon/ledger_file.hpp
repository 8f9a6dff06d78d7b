// The ledger's file as the bookkeeper sees it: storage::Ledger behind metering's port, with its notices in the log.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "log/logger.hpp"
#include "metering/ledger.hpp"
#include "storage/ledger.hpp"

namespace rbamp::daemon {

/// Everything blocks and belongs on the storage worker, except last_gc_tick(), which the constructor has read.
class LedgerFile final : public metering::Ledger {
 public:
  LedgerFile(std::unique_ptr<storage::Ledger> ledger, log::Logger& log);

  [[nodiscard]] Result<metering::Account> open_account(const metering::AccountRequest& request) override {
    return ledger_->open_account(request);
  }
  [[nodiscard]] Result<void> arm(std::span<const metering::ArmedLatch> latches) override { return ledger_->arm(latches); }
  [[nodiscard]] Result<void> commit(const metering::RoundCommit& round) override { return ledger_->commit(round); }
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return last_gc_tick_; }
  [[nodiscard]] Result<void> maintain(UtcTime now, bool utc_is_trusted) override;

  void set_retention(Microseconds closings, Microseconds quarter_hours) { ledger_->set_retention(closings, quarter_hours); }
  /// The clock became trustworthy or was stepped: corrects the labels of this boot.
  [[nodiscard]] Result<void> relabel(const BootId& boot, Microseconds utc_minus_boot);
  [[nodiscard]] storage::Health health() const { return ledger_->health(); }
  /// An event that cannot be stored is gone: a ledger that refuses it has said so about something more important.
  void record(const storage::LedgerEvent& event) { (void)ledger_->record(event); }
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  void set_text(std::string_view name, const std::string& value);

  /// Logs what opening or upkeep did.
  static void tell(const std::vector<storage::Notice>& notices, log::Logger& log);

 private:
  std::unique_ptr<storage::Ledger> ledger_;
  log::Logger& log_;
  std::uint16_t last_gc_tick_;
};

}  // namespace rbamp::daemon
