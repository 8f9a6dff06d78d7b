#include "daemon/ledger_file.hpp"

#include <limits>

#include "log/message_ids.hpp"

namespace rbamp::daemon {
namespace {

constexpr int most_steps = 50;  // of upkeep at a time: a round that is due must not wait long behind it

}  // namespace

LedgerFile::LedgerFile(std::unique_ptr<storage::Ledger> ledger, storage::Settings settings, TimeZone zone, log::Logger& log)
    : ledger_(std::move(ledger)),
      settings_(std::move(settings)),
      zone_(std::move(zone)),
      log_(log),
      last_gc_tick_(ledger_->last_gc_tick()) {}

Result<metering::Account> LedgerFile::open_account(const metering::AccountRequest& request) {
  if (!ledger_) return failure(closed_);
  return ledger_->open_account(request);
}

Result<void> LedgerFile::arm(std::span<const metering::ArmedLatch> latches) {
  if (!ledger_) return failure(closed_);
  return ledger_->arm(latches);
}

Result<void> LedgerFile::commit(const metering::RoundCommit& round) {
  if (!ledger_) return failure(closed_);
  return ledger_->commit(round);
}

Result<void> LedgerFile::reopen(const metering::Instant& now) {
  ledger_.reset();  // the new one cannot be opened beside it
  auto opened = storage::Ledger::open(settings_, zone_, now);
  if (!opened) {
    closed_ = std::move(opened.error());
    return failure(closed_);
  }
  tell(opened->notices, log_);
  ledger_ = std::move(opened->ledger);
  // What waits for this ledger may still carry labels of before. Where they cannot be corrected yet, its later calls see to it.
  if (labels_) (void)relabel(labels_->boot, labels_->utc_minus_boot, labels_->as_of);
  return {};
}

Result<void> LedgerFile::maintain(UtcTime now, bool utc_is_trusted) {
  if (!ledger_) return failure(closed_);
  for (int step = 0; step < most_steps; ++step) {
    auto upkeep = ledger_->maintain(now, utc_is_trusted);
    if (!upkeep) return failure(std::move(upkeep.error()));
    tell(upkeep->notices, log_);
    if (!upkeep->has_more) break;
  }
  return {};
}

void LedgerFile::set_retention(Microseconds closings, Microseconds quarter_hours) {
  settings_.raw_retention = closings;
  settings_.quarter_hour_retention = quarter_hours;
  if (ledger_) ledger_->set_retention(closings, quarter_hours);
}

Result<void> LedgerFile::relabel(const BootId& boot, Microseconds utc_minus_boot, BootTime as_of) {
  labels_ = Labels{boot, utc_minus_boot, as_of};
  if (!ledger_) return failure(closed_);
  auto corrected = ledger_->relabel(boot, utc_minus_boot, as_of);
  if (!corrected) return failure(std::move(corrected.error()));
  if (*corrected > 0)
    log_.info("The UTC labels of " + std::to_string(*corrected) + " periods of this boot were corrected", {},
              log::message_id::clock_changed);
  return {};
}

storage::Health LedgerFile::health() const { return ledger_ ? ledger_->health() : storage::Health{}; }

void LedgerFile::record(const storage::LedgerEvent& event) {
  if (ledger_) (void)ledger_->record(event);
}

std::optional<std::string> LedgerFile::text(std::string_view name) {
  if (!ledger_) return std::nullopt;
  auto found = ledger_->get_state(name);
  if (found) return std::move(*found);
  log_.warning("A remembered text cannot be read: " + found.error().detail, {}, log::message_id::ledger_upkeep);
  return std::nullopt;
}

void LedgerFile::set_text(std::string_view name, const std::string& value) {
  const auto stored = ledger_ ? ledger_->set_state(name, value) : Result<void>{failure(closed_)};
  if (!stored) log_.warning("A text cannot be remembered: " + stored.error().detail, {}, log::message_id::ledger_upkeep);
}

void LedgerFile::tell(const std::vector<storage::Notice>& notices, log::Logger& log) {
  for (const auto& notice : notices) {
    const std::string text = "Ledger: " + notice.text;
    switch (notice.kind) {
      case storage::Notice::Kind::information: log.info(text); break;
      case storage::Notice::Kind::warning: log.warning(text, {}, log::message_id::ledger_upkeep); break;
      case storage::Notice::Kind::restored: log.warning(text, {}, log::message_id::ledger_restored); break;
    }
  }
}

Result<std::vector<storage::LedgerLine>> LedgerFile::newest_lines(UtcTime from, UtcTime to, std::int64_t rounds) const {
  auto reader = storage::Reader::open(settings_.path, zone_);
  if (!reader) return failure(std::move(reader.error()));
  const auto after = (*reader)->before_newest(rounds);
  if (!after) return failure(after.error());
  return (*reader)->lines(from, to, *after, std::numeric_limits<std::int32_t>::max());
}

}  // namespace rbamp::daemon
