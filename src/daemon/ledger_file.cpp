#include "daemon/ledger_file.hpp"

#include "log/message_ids.hpp"

namespace rbamp::daemon {
namespace {

constexpr int most_steps = 50;  // of upkeep at a time: a round that is due must not wait long behind it

}  // namespace

LedgerFile::LedgerFile(std::unique_ptr<storage::Ledger> ledger, log::Logger& log)
    : ledger_(std::move(ledger)), log_(log), last_gc_tick_(ledger_->last_gc_tick()) {}

Result<void> LedgerFile::maintain(UtcTime now, bool utc_is_trusted) {
  for (int step = 0; step < most_steps; ++step) {
    auto upkeep = ledger_->maintain(now, utc_is_trusted);
    if (!upkeep) return failure(std::move(upkeep.error()));
    tell(upkeep->notices, log_);
    if (!upkeep->has_more) break;
  }
  return {};
}

Result<void> LedgerFile::relabel(const BootId& boot, Microseconds utc_minus_boot) {
  auto corrected = ledger_->relabel(boot, utc_minus_boot);
  if (!corrected) return failure(std::move(corrected.error()));
  if (*corrected > 0)
    log_.info("The UTC labels of " + std::to_string(*corrected) + " periods of this boot were corrected", {},
              log::message_id::clock_changed);
  return {};
}

std::optional<std::string> LedgerFile::text(std::string_view name) {
  auto found = ledger_->get_state(name);
  if (found) return std::move(*found);
  log_.warning("A remembered text cannot be read: " + found.error().detail);
  return std::nullopt;
}

void LedgerFile::set_text(std::string_view name, const std::string& value) {
  if (auto stored = ledger_->set_state(name, value); !stored)
    log_.warning("A text cannot be remembered: " + stored.error().detail);
}

void LedgerFile::tell(const std::vector<storage::Notice>& notices, log::Logger& log) {
  for (const auto& notice : notices) {
    if (notice.kind == storage::Notice::Kind::warning) {
      log.warning("Ledger: " + notice.text, {}, log::message_id::ledger_restored);
    } else {
      log.info("Ledger: " + notice.text);
    }
  }
}

}  // namespace rbamp::daemon
