// Ledger::Impl: UTC labels. Correcting those of a boot once its clock is known, and settling those that nobody will correct.
#include <algorithm>

#include "metering/restart.hpp"
#include "storage/closing_reader.hpp"
#include "storage/ledger_impl.hpp"

namespace rbamp::storage {
namespace {

using metering::Instant;

constexpr BootTime whole_boot = BootTime::max();

bool is_gap_across_boots(const ClosingRow& row) { return row.begins_in_other_boot() && row.quality == metering::Quality::gap; }

/// The gap that a reboot of the host left is as long as the labels at its ends say, once both are trusted.
class GapsAcrossBoots {
 public:
  explicit GapsAcrossBoots(Connection& connection)
      : gaps_(connection,
              "SELECT c.id, c.end_offset_us, m.place, r.boot FROM closings c JOIN mounts m ON m.id = c.mount JOIN rounds r ON "
              "r.id = ?1 "
              "WHERE c.id BETWEEN ?1 << 8 AND (?1 << 8) | 255 AND c.flags & ?2 AND c.quality = ?3"),
        before_(connection,
                "SELECT r.end_utc_us + c.end_offset_us, r.label FROM closings c JOIN mounts m ON m.id = c.mount JOIN rounds r ON "
                "r.id = "
                "c.id >> 8 WHERE c.id < ?1 AND m.place = ?2 AND r.boot <> ?3 AND c.quality <> ?4 ORDER BY c.id DESC LIMIT 1"),
        lengthen_(connection, "UPDATE closings SET length_us = ?2 WHERE id = ?1"),
        note_(connection, "UPDATE remarks SET text = text || ?2 WHERE closing = ?1") {}

  /// Those of a round whose corrected label is `end`.
  void measure(std::int64_t round, UtcTime end) {
    constexpr auto gap_quality = static_cast<std::int64_t>(metering::Quality::gap);
    constexpr auto adjustment = static_cast<std::int64_t>(metering::Quality::adjustment);
    for (Rows gap = gaps_.select(round, row_flag::begins_in_other_boot, gap_quality); gap.next();) {
      Rows previous = before_.select(gap.integer(0), gap.integer(2), gap.integer(3), adjustment);
      if (!previous.next() || previous.integer(1) != label_state::trusted) continue;
      const Microseconds length = end + Microseconds{gap.integer(1)} - UtcTime{Microseconds{previous.integer(0)}};
      if (length <= Microseconds::zero()) continue;
      lengthen_.run(gap.integer(0), length.count());
      note_.run(gap.integer(0), metering::settled_gap_note(length));
    }
  }

 private:
  Query gaps_;
  Query before_;
  Query lengthen_;
  Query note_;
};

}  // namespace

std::int64_t Ledger::Impl::relabel(const BootId& boot, Microseconds utc_minus_boot, BootTime as_of) {
  // First remembered: rounds that still wait for the disk carry labels from before, and when this fails it is owed.
  known_clock_ = KnownClock{boot, utc_minus_boot, as_of};
  labels_are_owed_ = true;
  return correct_labels(*known_clock_);
}

void Ledger::Impl::correct_owed_labels() {
  if (!labels_are_owed_) return;
  // What refuses is no fault of the round, which is durable: the next one tries again. Damage shows itself there, too.
  if (const auto corrected = caught([&] { return correct_labels(*known_clock_); })) corrected_late_ += *corrected;
}

std::int64_t Ledger::Impl::correct_labels(const KnownClock& clock) {
  require_log_space();
  sync_commits(true);
  Transaction transaction{*connection_};
  const std::int64_t boot_row = registry_.boot_number(clock.boot);
  const std::int64_t last = roll_up_tail(nullptr);
  const std::int64_t corrected = relabel_rounds(boot_row, clock.utc_minus_boot, whole_boot);
  const std::string offset = std::to_string(clock.utc_minus_boot.count());
  const std::string of_boot = " WHERE boot = " + std::to_string(boot_row);
  connection_->execute("UPDATE anchors SET at_utc_us = at_us + " + offset + ", flags = flags | 1" + of_boot +
                       " AND flags & 1 = 0");
  connection_->execute("UPDATE intents SET at_utc_us = at_us + " + offset + ", flags = flags | 1" + of_boot +
                       " AND flags & 1 = 0");
  const std::string is_now_known = " SET at_utc_us = at_us + " + offset + ", is_trusted = 1" + of_boot + " AND is_trusted = 0";
  connection_->execute("UPDATE resets" + is_now_known);
  connection_->execute("UPDATE events" + is_now_known);
  connection_->execute("UPDATE places SET covered_utc_us = covered_us + " + offset +
                       ", covered_is_trusted = 1 WHERE covered_boot = " + std::to_string(boot_row) +
                       " AND covered_is_trusted = 0");
  transaction.commit();

  tail_ended(last);
  labels_are_owed_ = false;
  for (auto& entry : books_.places) {
    if (entry.second.covered_until) clock.label(*entry.second.covered_until);
  }
  for (auto& entry : books_.chips) {
    if (entry.second.anchor) clock.label(entry.second.anchor->at);
    if (entry.second.intent) clock.label(entry.second.intent->at);
  }
  load_newest_label();
  return corrected;
}

std::int64_t Ledger::Impl::relabel_rounds(std::int64_t boot, Microseconds utc_minus_boot, BootTime until) {
  Query next{*connection_, "SELECT id, end_us FROM rounds WHERE label = 0 AND boot = ? AND end_us <= ? ORDER BY id LIMIT 1"};
  Query update{*connection_, "UPDATE rounds SET end_utc_us = ?2, day = ?3, label = 1 WHERE id = ?1"};
  GapsAcrossBoots gaps{*connection_};
  for (std::int64_t corrected = 0;; ++corrected) {
    std::int64_t id = 0;
    UtcTime end;
    {
      Rows rows = next.select(boot, until.time_since_epoch().count());
      if (!rows.next()) return corrected;
      id = rows.integer(0);
      end = UtcTime{Microseconds{rows.integer(1)} + utc_minus_boot};
    }
    update.run(id, end.time_since_epoch().count(), std::int64_t{rollup_.quarter_of(end, Microseconds{1}).day});
    gaps.measure(id, end);
    rollup_.add_rounds(id, id);
  }
}

std::vector<RoundRow> Ledger::Impl::label_late(metering::RoundCommit& round, StagedRound& staged) const {
  std::vector<RoundRow> late;
  if (!known_clock_) return late;
  const KnownClock& clock = *known_clock_;
  for (auto& row : staged.rounds) {
    if (!clock.knows_better(row.end)) continue;
    clock.label(row.end);
    late.push_back(row);
  }
  for (auto& entry : staged.places) {
    auto& covered = entry.second.covered_until;
    if (covered && clock.knows_better(*covered)) clock.label(*covered);
  }
  for (auto& module : round.modules) {
    const bool is_late = module.anchor && clock.knows_better(module.anchor->at);
    if (is_late) clock.label(module.anchor->at);
    if (module.reset && clock.knows_better(module.reset->at)) clock.label(module.reset->at);
    // The next latch was planned by the same clock, for a time that may be after its correction.
    if (module.next_intent && (is_late || clock.knows_better(module.next_intent->at))) clock.label(module.next_intent->at);
  }
  return late;
}

bool Ledger::Impl::measure_gaps(const std::vector<RoundRow>& late, const StagedRound& staged) {
  bool has_gap = false;
  for (const auto& round : late) {
    const bool is_one = std::any_of(staged.lines.begin(), staged.lines.end(), [&](const auto& line) {
      return line.row.round() == round.id && is_gap_across_boots(line.row);
    });
    if (!is_one) continue;
    GapsAcrossBoots{*connection_}.measure(round.id, round.end.utc);
    has_gap = true;
  }
  return has_gap;
}

void Ledger::Impl::settle_labels(const BootId& running) {
  const std::int64_t running_row = registry_.boot_number(running);
  Query unsettled{*connection_, "SELECT boot, min(id) FROM rounds WHERE label = 0 GROUP BY boot"};
  std::vector<std::pair<std::int64_t, std::int64_t>> boots;
  for (Rows rows = unsettled.select(); rows.next();) boots.emplace_back(rows.integer(0), rows.integer(1));
  if (boots.empty()) return;
  Transaction transaction{*connection_};
  // A later round of the same boot that was labelled by a trusted clock knows the time of those before it.
  Query later{*connection_,
              "SELECT end_us, end_utc_us FROM rounds WHERE id > ?2 AND boot = ?1 AND label = 1 ORDER BY id DESC LIMIT 1"};
  Query mark{*connection_, "UPDATE rounds SET label = 2 WHERE id = ?"};
  for (const auto& [boot, first] : boots) {
    std::optional<std::pair<std::int64_t, std::int64_t>> known;
    {
      Rows rows = later.select(boot, first);
      if (rows.next()) known = {rows.integer(0), rows.integer(1)};
    }
    if (known) relabel_rounds(boot, Microseconds{known->second - known->first}, BootTime{Microseconds{known->first}});
    if (boot == running_row) continue;
    const std::string others =
        "SELECT id FROM rounds WHERE label = 0 AND boot = " + std::to_string(boot) + " ORDER BY id LIMIT 1";
    while (const auto id = connection_->integer(others)) {
      mark.run(*id);
      rollup_.add_rounds(*id, *id);
    }
  }
  transaction.commit();
}

void Ledger::Impl::KnownClock::label(Instant& when) const {
  if (when.boot != boot || when.utc_is_trusted) return;
  when.utc = UtcTime{when.at.time_since_epoch() + utc_minus_boot};
  when.utc_is_trusted = true;
}

}  // namespace rbamp::storage
