// Inside of Ledger: the open database and its parts. Throws Failure; ledger.cpp turns that into results.
#pragma once

#include <set>

#include "base/fd.hpp"
#include "storage/books.hpp"
#include "storage/database.hpp"
#include "storage/ledger.hpp"
#include "storage/ledger_database.hpp"
#include "storage/registry.hpp"
#include "storage/retention.hpp"
#include "storage/rollup.hpp"
#include "storage/round_writer.hpp"
#include "storage/snapshot.hpp"

namespace rbamp::storage {

class Ledger::Impl {
 public:
  /// Loads the books and checks what every round depends on: Failure with ledger_damaged when it does not fit together.
  Impl(const Settings& settings, const TimeZone& zone, const metering::Instant& now, std::unique_ptr<Connection> connection,
       Fd lock);

  metering::Account open_account(const metering::AccountRequest& request);
  void arm(std::span<const metering::ArmedLatch> latches);
  void commit(const metering::RoundCommit& round, const StagedRound& staged);
  std::int64_t relabel(const BootId& boot, Microseconds utc_minus_boot);
  Upkeep maintain(UtcTime now, bool utc_is_trusted);
  void set_retention(Microseconds closings, Microseconds quarter_hours) { retention_.set_rules({closings, quarter_hours}); }
  void record(const LedgerEvent& event);
  void set_state(std::string_view name, const std::optional<std::string>& value);
  [[nodiscard]] Health health() const;

  /// Registers that are behind a snapshot of this same ledger (an old backup was put in place) are raised to it.
  void catch_up_with(const Snapshot& snapshot, const metering::Instant& now, std::vector<Notice>& notices);
  enum class SnapshotKind { daily, last_word };
  void store_snapshot(UtcTime now, SnapshotKind kind);
  /// Best effort: without it the daily snapshot remains.
  void leave_last_word();
  [[nodiscard]] const LedgerId& id() const { return id_; }
  [[nodiscard]] const Books& books() const { return books_; }
  [[nodiscard]] std::uint16_t gc_tick() const { return gc_tick_; }
  Connection& connection() { return *connection_; }
  [[nodiscard]] const std::string& path() const { return settings_.path; }
  /// Refuses while the log stands at its limit because of a reader.
  void require_log_space();
  /// After a commit: copies the log into the database when it is long enough.
  void tend_log();

 private:
  void sync_commits(bool yes);
  /// Places, channels and chips that only the snapshot knows are made; anchors and intents become those of the snapshot.
  void take_chips_of(const Snapshot& snapshot);
  void catch_up(const SnapshotPlace& place, const Snapshot& snapshot, const metering::Instant& now, metering::RoundCommit& lines,
                std::string& raised);
  void load_tail();
  void load_newest_label();
  /// Inside a transaction: rolls up and stores everything up to the returned round, `staged` included.
  std::int64_t roll_up_tail(const StagedRound* staged);
  /// After that transaction.
  void tail_ended(std::int64_t last_round);
  void settle_labels_of_other_boots(const BootId& boot);
  /// Adds the rows of `staged` to the running quarter hour; false when one of them reaches out of it.
  [[nodiscard]] bool fits_running_quarter(const StagedRound& staged, std::optional<metering::QuarterHour>& quarter);
  void relabel_rounds(std::int64_t boot, Microseconds utc_minus_boot, std::int64_t& corrected);

  Settings settings_;
  TimeZone zone_;
  Fd lock_;
  std::unique_ptr<Connection> connection_;
  Registry registry_;
  RoundWriter writer_;
  RollUp rollup_;
  Retention retention_;
  Books books_;
  LedgerId id_{};
  UtcTime opened_{};
  std::uint16_t gc_tick_ = metering::no_gc_tick;
  std::int64_t rolled_up_through_ = 0;
  std::optional<metering::QuarterHour> tail_quarter_;  // of the trusted closings that are not rolled up; none: there are none
  std::int64_t tail_rounds_ = 0;
  std::set<metering::ChannelKey> stale_registers_;  // changed since registers were stored
  std::set<metering::PlaceKey> stale_places_;
  std::optional<UtcTime> newest_label_;
  std::optional<std::int64_t> snapshot_day_;
  std::uint32_t blocked_frames_ = 0;  // length of the log at which the next copy is tried, while a reader blocks
  bool syncs_ = true;
  Query insert_event_;
};

}  // namespace rbamp::storage
