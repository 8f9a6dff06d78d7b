// Inside of Ledger: the open database and its parts. Throws Failure; ledger.cpp turns that into results.
#pragma once

#include <set>
#include <vector>

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
  void commit(metering::RoundCommit round, StagedRound staged);
  std::int64_t relabel(const BootId& boot, Microseconds utc_minus_boot, BootTime as_of);
  /// After a commit: what relabel() could not do.
  void correct_owed_labels();
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
  /// What the clock of a boot was found to be, and until when nobody had known.
  struct KnownClock {
    BootId boot;
    Microseconds utc_minus_boot{};
    BootTime as_of{};

    /// A label that was taken before the clock was known.
    [[nodiscard]] bool knows_better(const metering::Instant& when) const {
      return when.boot == boot && !when.utc_is_trusted && when.at <= as_of;
    }
    /// Leaves other boots, and labels that are trusted.
    void label(metering::Instant& when) const;
  };

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
  /// End of the newest round that a trusted clock labelled. Reads `rounds` backwards up to it when it is not at hand.
  [[nodiscard]] std::optional<UtcTime> trusted_label();
  /// Labels that were never trusted: corrected when a later round of their boot tells how, else taken as they are once their boot
  /// has ended.
  void settle_labels(const BootId& running);
  std::int64_t correct_labels(const KnownClock& clock);
  /// Corrects what waited for the disk while the clock became known. Returns those rounds.
  std::vector<RoundRow> label_late(metering::RoundCommit& round, StagedRound& staged) const;
  /// Inside a transaction: gaps across a reboot in these rounds get their length. True when there is one.
  bool measure_gaps(const std::vector<RoundRow>& late, const StagedRound& staged);
  /// Adds the rows of `staged` to the running quarter hour; false when one of them reaches out of it.
  [[nodiscard]] bool fits_running_quarter(const StagedRound& staged, std::optional<metering::QuarterHour>& quarter);
  /// Inside a transaction, with nothing left to roll up: those that end at `until` at the latest. Returns how many.
  std::int64_t relabel_rounds(std::int64_t boot, Microseconds utc_minus_boot, BootTime until);

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
  std::optional<UtcTime> newest_trusted_label_;
  bool is_trusted_label_loaded_ = false;
  std::optional<KnownClock> known_clock_;
  bool labels_are_owed_ = false;     // known_clock_ is not applied to what is stored yet
  std::int64_t corrected_late_ = 0;  // rounds, since upkeep told of it
  std::optional<std::int64_t> snapshot_day_;
  std::uint32_t blocked_frames_ = 0;  // length of the log at which the next copy is tried, while a reader blocks
  bool syncs_ = false;                // as open_database left it
  Query insert_event_;
};

}  // namespace rbamp::storage
