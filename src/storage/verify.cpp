#include "storage/verify.hpp"

#include <algorithm>
#include <map>

#include "base/local_time.hpp"
#include "storage/closing_reader.hpp"
#include "storage/database.hpp"
#include "storage/read_connection.hpp"
#include "storage/schema.hpp"
#include "storage/snapshot.hpp"

namespace rbamp::storage {
namespace {

struct End {
  std::int64_t boot = 0;
  BootTime at{};
};

/// What must be remembered of one channel while its lines pass by.
struct Trail {
  std::string name;
  std::int64_t total_import = 0;  // folded so far + kept adjustments, then the running total
  std::int64_t total_export = 0;
  std::int64_t marked_import = 0;  // running total at book.rolled_up_through
  std::int64_t marked_export = 0;
  std::int64_t waiting_import = 0;  // energy that is in no day yet
  std::int64_t waiting_export = 0;
  std::int64_t register_import = 0;
  std::int64_t register_export = 0;
  std::int64_t carried_import = 0;
  std::int64_t carried_export = 0;
  std::optional<End> covered;
};

/// Where the newest line leaves a place.
struct PlaceTrail {
  std::string name;
  std::optional<End> covered;
};

class Verifier {
 public:
  Verifier(Connection& connection, const VerifyProgress& progress, const std::optional<Snapshot>& snapshot)
      : connection_(connection), progress_(progress), snapshot_(snapshot) {}

  Verdict run() {
    Transaction transaction{connection_, Transaction::Kind::read};  // one state of the ledger, however long it takes
    if (check_pages() && load() && check_lines() && check_registers() && check_days() && check_places() && check_anchors())
      check_age();
    return verdict_;
  }

 private:
  bool fail(std::string rule, std::string where, std::string what) {
    verdict_.first_violation = Violation{std::move(rule), std::move(where), std::move(what)};
    return false;
  }

  bool check_pages() {
    if (progress_) progress_(0, 0);
    const std::string answer = connection_.text("PRAGMA integrity_check(1)");
    return answer == "ok" || fail("file", connection_.path(), answer);
  }

  bool load() {
    Query channels{connection_,
                   "SELECT c.id, p.name || '/' || c.name, r.folded_import, r.folded_export, r.total_import, r.total_export, "
                   "r.carried_import, "
                   "r.carried_export FROM channels c JOIN places p ON p.id = c.place LEFT JOIN registers r ON r.channel = c.id"};
    for (Rows rows = channels.select(); rows.next();) {
      if (rows.is_null(2)) return fail("registers", rows.text(1), "its registers are missing");
      Trail trail;
      trail.name = rows.text(1);
      trail.total_import = trail.marked_import = rows.integer(2);
      trail.total_export = trail.marked_export = rows.integer(3);
      trail.register_import = rows.integer(4);
      trail.register_export = rows.integer(5);
      trail.carried_import = rows.integer(6);
      trail.carried_export = rows.integer(7);
      trails_[rows.integer(0)] = trail;
    }
    Query places{connection_, "SELECT id, name FROM places"};
    for (Rows rows = places.select(); rows.next();) places_[rows.integer(0)].name = rows.text(1);
    Query mounts{connection_,
                 "SELECT mc.mount, mc.slot, mc.channel, t.place FROM mount_channels mc LEFT JOIN mounts t ON t.id = mc.mount"};
    for (Rows rows = mounts.select(); rows.next();) {
      const std::int64_t slot = rows.integer(1);
      if (slot < 0 || slot >= static_cast<std::int64_t>(slots_per_row) || !trails_.contains(rows.integer(2))) {
        return fail("rows", "mount " + std::to_string(rows.integer(0)), "it names a channel that is not there");
      }
      if (rows.is_null(3) || !places_.contains(rows.integer(3)))
        return fail("rows", "mount " + std::to_string(rows.integer(0)), "its place is not there");
      place_of_mount_[rows.integer(0)] = rows.integer(3);
      mounts_[rows.integer(0)][static_cast<std::size_t>(slot)] = rows.integer(2);
    }
    Query book{connection_, "SELECT rolled_up_through, folded_through FROM book"};
    Rows rows = book.select();
    if (!rows.next()) return fail("rows", "book", "it has no row");
    rolled_up_through_ = rows.integer(0);
    folded_through_ = rows.integer(1);
    return true;
  }

  bool check_lines() {
    const auto orphan = connection_.integer(
        "SELECT id FROM closings WHERE NOT EXISTS (SELECT 1 FROM rounds r WHERE r.id = closings.id >> 8) LIMIT 1");
    if (orphan) return fail("rows", "closing " + std::to_string(*orphan), "its round is missing");
    Query lines{connection_,
                "SELECT " + closing_columns() +
                    " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 ORDER BY r.id"};
    const auto all = static_cast<std::uint64_t>(connection_.integer("SELECT count(*) FROM rounds").value_or(0));
    std::int64_t round = 0;
    for (Rows rows = lines.select(); rows.next();) {
      const auto read = caught([&] { return read_closing(rows, connection_.path()); });
      if (!read) return fail("rows", "closing " + std::to_string(rows.integer(5)), read.error().detail);
      const auto& closing = *read;
      if (closing.row.round() != round) {
        ++verdict_.rounds;
        if (progress_ && verdict_.rounds % rounds_per_report == 0) progress_(verdict_.rounds, all);
      }
      round = closing.row.round();
      ++verdict_.closings;
      if (!check(closing)) return false;
    }
    return true;
  }

  bool check(const ReadClosing& closing) {
    const auto& row = closing.row;
    const auto mount = mounts_.find(row.mount);
    if (mount == mounts_.end()) return fail("rows", place_of(closing, "?"), "its mount is missing");
    if (const auto defect = defect_of(row))
      return fail(*defect == "an energy is negative" ? "I2" : "rows", place_of(closing, "?"), *defect);
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      if (!row.slots[slot]) continue;
      const auto channel = mount->second.find(slot);
      if (channel == mount->second.end()) return fail("rows", place_of(closing, "?"), "it has more channels than its mount");
      ++verdict_.postings;
      if (!check(closing, *row.slots[slot], trails_.at(channel->second))) return false;
    }
    if (row.quality != metering::Quality::adjustment) {
      auto& place = places_.at(place_of_mount_.at(row.mount));
      place.covered = End{closing.end.boot, closing.end.at};
    }
    return true;
  }

  bool check(const ReadClosing& closing, const SlotAmounts& amounts, Trail& trail) {
    const auto& row = closing.row;
    const bool is_kept_adjustment = row.round() <= folded_through_;
    trail.total_import += amounts.energy_import.value();
    trail.total_export += amounts.energy_export.value();
    // Of the rounds that were folded only adjustments are left: they count, but what stood between them is gone.
    if (!is_kept_adjustment && trail.total_import != amounts.total_import.value()) {
      return fail("I1", place_of(closing, trail.name),
                  "its total import is " + std::to_string(amounts.total_import.value()) +
                      " uWh, but the lines before it and its own energy make " + std::to_string(trail.total_import));
    }
    if (!is_kept_adjustment && trail.total_export != amounts.total_export.value()) {
      return fail("I1", place_of(closing, trail.name),
                  "its total export is " + std::to_string(amounts.total_export.value()) +
                      " uWh, but the lines before it and its own energy make " + std::to_string(trail.total_export));
    }
    if (row.round() <= rolled_up_through_) {
      trail.marked_import = trail.total_import;
      trail.marked_export = trail.total_export;
    }
    if (row.round() > rolled_up_through_ || closing.end.label == label_state::untrusted) {
      trail.waiting_import += amounts.energy_import.value();
      trail.waiting_export += amounts.energy_export.value();
    }
    if (row.quality == metering::Quality::adjustment) return true;
    return check_cover(closing, trail);
  }

  bool check_cover(const ReadClosing& closing, Trail& trail) {
    const auto before = trail.covered;
    trail.covered = End{closing.end.boot, closing.end.at};
    if (!before || before->boot == 0 || closing.end.boot == 0) return true;  // the first line, or a boot that nobody knows
    if (before->boot != closing.end.boot) {
      return closing.row.begins_in_other_boot() ||
             fail("I3", place_of(closing, trail.name),
                  "the time between it and the line before, which ended in an earlier host boot, is not covered");
    }
    if (closing.row.begins_in_other_boot()) {
      return fail("I3", place_of(closing, trail.name), "it begins in another host boot than the line before it ended in");
    }
    const Microseconds apart = closing.end.at - closing.row.length - before->at;
    if (apart == Microseconds::zero()) return true;
    const std::string amount = std::to_string(apart.count() < 0 ? -apart.count() : apart.count()) + " us";
    return fail("I3", place_of(closing, trail.name),
                apart.count() < 0 ? amount + " are covered twice" : amount + " before it are not covered");
  }

  bool check_registers() {
    for (const auto& [key, trail] : trails_) {
      if (trail.register_import != trail.marked_import || trail.register_export != trail.marked_export) {
        return fail("registers", trail.name,
                    "its registers are " + std::to_string(trail.register_import) + " and " +
                        std::to_string(trail.register_export) + " uWh (import, export), but its lines make " +
                        std::to_string(trail.marked_import) + " and " + std::to_string(trail.marked_export));
      }
    }
    return true;
  }

  bool check_days() {
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> days;  // by channel
    Query sums{connection_,
               "SELECT mc.channel, sum(CASE mc.slot WHEN 0 THEN d.import0 WHEN 1 THEN d.import1 ELSE d.import2 END), "
               "sum(CASE mc.slot WHEN 0 THEN d.export0 WHEN 1 THEN d.export1 ELSE d.export2 END) "
               "FROM days d CROSS JOIN mount_channels mc ON mc.mount = d.mount GROUP BY mc.channel"};
    for (Rows rows = sums.select(); rows.next();) days[rows.integer(0)] = {rows.integer(1), rows.integer(2)};
    for (const auto& [key, trail] : trails_) {
      const auto [day_import, day_export] = days[key];
      if (day_import + trail.waiting_import + trail.carried_import != trail.total_import ||
          day_export + trail.waiting_export + trail.carried_export != trail.total_export) {
        return fail("days", trail.name,
                    "its days and the lines that wait for them make " +
                        std::to_string(day_import + trail.waiting_import + trail.carried_import) + " and " +
                        std::to_string(day_export + trail.waiting_export + trail.carried_export) +
                        " uWh (import, export), but its total is " + std::to_string(trail.total_import) + " and " +
                        std::to_string(trail.total_export));
      }
    }
    return true;
  }

  /// A place says until when it is covered; the next period begins there. The tail is newer than that.
  bool check_places() {
    Query covered{connection_, "SELECT id, covered_boot, covered_us FROM places WHERE covered_boot IS NOT NULL"};
    for (Rows rows = covered.select(); rows.next();) {
      const auto& place = places_.at(rows.integer(0));
      const BootTime until{Microseconds{rows.integer(2)}};
      if (!place.covered || place.covered->boot != rows.integer(1) || until <= place.covered->at) continue;
      return fail("I3", place.name,
                  "it counts as covered until " + microseconds(until - place.covered->at) + " after its newest line");
    }
    return true;
  }

  /// The running average of a chip is billed from its anchor on.
  bool check_anchors() {
    Query anchors{connection_,
                  "SELECT a.module, a.place, a.boot, a.at_us FROM anchors a JOIN places p ON p.id = a.place AND p.last_module = "
                  "a.module ORDER BY a.module"};
    for (Rows rows = anchors.select(); rows.next();) {
      const auto& place = places_.at(rows.integer(1));
      const BootTime at{Microseconds{rows.integer(3)}};
      if (!place.covered || place.covered->boot != rows.integer(2) || at == place.covered->at) continue;
      if (at > place.covered->at) {
        return fail("I3", place.name,
                    "the anchor of its chip is " + microseconds(at - place.covered->at) +
                        " after the end of its newest line: that time is in no line");
      }
      return fail("I5", place.name,
                  "the anchor of its chip is " + microseconds(place.covered->at - at) +
                      " before the end of its newest line: that time would be billed again");
    }
    return true;
  }

  /// What the snapshot knew was committed, and has been published.
  bool check_age() {
    if (!snapshot_) return true;
    Query select{connection_, "SELECT ledger_id FROM book"};
    Rows rows = select.select();
    if (!rows.next() || rows.bytes<std::tuple_size_v<LedgerId>>(0) != snapshot_->ledger) return true;
    const auto last = std::max(rolled_up_through_, connection_.integer("SELECT max(id) FROM rounds").value_or(0));
    if (last >= snapshot_->last_round) return true;
    return fail("I4", connection_.path(),
                "its last round is " + std::to_string(last) + ", but the snapshot of " + to_rfc3339(snapshot_->written) +
                    " beside it knows round " + std::to_string(snapshot_->last_round) +
                    ": it is an older file, and higher counters have been published; rbampd raises them when it starts");
  }

  static std::string microseconds(Microseconds time) { return std::to_string(time.count()) + " us"; }

  static std::string place_of(const ReadClosing& closing, const std::string& channel) {
    return channel + ", closing " + std::to_string(closing.row.id) + " (round " + std::to_string(closing.row.round()) + ", " +
           to_rfc3339(closing.end.utc) + ")";
  }

  static constexpr std::uint64_t rounds_per_report = 4096;

  Connection& connection_;
  const VerifyProgress& progress_;
  const std::optional<Snapshot>& snapshot_;
  Verdict verdict_;
  std::map<std::int64_t, Trail> trails_;  // by channel
  std::map<std::int64_t, PlaceTrail> places_;
  std::map<std::int64_t, std::map<std::size_t, std::int64_t>> mounts_;  // slot to channel
  std::map<std::int64_t, std::int64_t> place_of_mount_;
  std::int64_t rolled_up_through_ = 0;
  std::int64_t folded_through_ = 0;
};

}  // namespace

Result<Verdict> verify_ledger(const std::string& path, const VerifyProgress& progress) {
  return caught([&] {
    // Before the ledger: it only grows. One that cannot be read is no fault of the ledger; the next opening names it.
    const auto snapshot = load_snapshot(snapshot_path(path)).value_or(std::nullopt);
    const auto connection = open_to_read(path);
    require_known_schema(*connection);
    try {
      return Verifier{*connection, progress, snapshot}.run();
    } catch (const Failure& reason) {
      if (!reason.error().is(Errc::ledger_damaged)) throw;
      Verdict verdict;
      verdict.first_violation = Violation{"file", path, reason.error().detail};
      return verdict;
    }
  });
}

}  // namespace rbamp::storage
