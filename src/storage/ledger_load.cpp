// Ledger::Impl: reading the books at the start, and correcting labels.
#include "metering/restart.hpp"
#include "storage/closing_reader.hpp"
#include "storage/ledger_impl.hpp"
#include "storage/tail.hpp"

namespace rbamp::storage {
namespace {

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

void Ledger::Impl::load_tail() {
  if (const auto wrong = contradiction(*connection_, books_, rolled_up_through_)) fail_damaged(path(), *wrong);
  books_.next_round = std::max(rolled_up_through_, connection_->integer("SELECT max(id) FROM rounds").value_or(0)) + 1;
  Query tail{*connection_, tail_query()};
  bool has_tail = false;
  for (Rows rows = tail.select(rolled_up_through_); rows.next();) {
    has_tail = true;
    const auto closing = read_closing(rows, path());
    if (const auto wrong = follow(books_, registry_, closing)) fail_damaged(path(), *wrong);
    const Mount& mount = books_.mounts.at(closing.row.mount);
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      if (closing.row.slots[slot]) stale_registers_.insert(*mount.channels[slot]);
    }
    stale_places_.insert(mount.place);
  }
  if (!has_tail) return;
  Transaction transaction{*connection_};
  const auto last = roll_up_tail(nullptr);
  transaction.commit();
  tail_ended(last);
}

void Ledger::Impl::settle_labels_of_other_boots(const BootId& boot) {
  const std::string others = "FROM rounds WHERE label = 0 AND boot <> " + std::to_string(registry_.boot_number(boot));
  if (!connection_->integer("SELECT id " + others + " LIMIT 1")) return;
  Transaction transaction{*connection_};
  Query mark{*connection_, "UPDATE rounds SET label = 2 WHERE id = ?"};
  while (const auto id = connection_->integer("SELECT id " + others + " ORDER BY id LIMIT 1")) {
    mark.run(*id);
    rollup_.add_rounds(*id, *id);
  }
  transaction.commit();
}

void Ledger::Impl::load_newest_label() {
  const auto newest = connection_->integer("SELECT end_utc_us FROM rounds ORDER BY id DESC LIMIT 1");
  if (newest) newest_label_ = UtcTime{Microseconds{*newest}};
}

std::int64_t Ledger::Impl::relabel(const BootId& boot, Microseconds utc_minus_boot) {
  sync_commits(true);
  Transaction transaction{*connection_};
  const std::int64_t boot_row = registry_.boot_number(boot);
  const std::int64_t last = roll_up_tail(nullptr);
  std::int64_t corrected = 0;
  relabel_rounds(boot_row, utc_minus_boot, corrected);
  const std::string offset = std::to_string(utc_minus_boot.count());
  const std::string of_boot = " WHERE boot = " + std::to_string(boot_row);
  connection_->execute("UPDATE anchors SET at_utc_us = at_us + " + offset + ", flags = flags | 1" + of_boot +
                       " AND flags & 1 = 0");
  connection_->execute("UPDATE intents SET at_utc_us = at_us + " + offset + ", flags = flags | 1" + of_boot +
                       " AND flags & 1 = 0");
  for (const char* table : {"resets", "events"}) {
    connection_->execute("UPDATE " + std::string{table} + " SET at_utc_us = at_us + " + offset + ", is_trusted = 1" + of_boot +
                         " AND is_trusted = 0");
  }
  connection_->execute("UPDATE places SET covered_utc_us = covered_us + " + offset +
                       ", covered_is_trusted = 1 WHERE covered_boot = " + std::to_string(boot_row) +
                       " AND covered_is_trusted = 0");
  transaction.commit();

  tail_ended(last);
  const auto correct = [&](metering::Instant& label) {
    if (label.boot != boot || label.utc_is_trusted) return;
    label.utc = UtcTime{label.at.time_since_epoch() + utc_minus_boot};
    label.utc_is_trusted = true;
  };
  for (auto& entry : books_.places) {
    if (entry.second.covered_until) correct(*entry.second.covered_until);
  }
  for (auto& entry : books_.chips) {
    if (entry.second.anchor) correct(entry.second.anchor->at);
    if (entry.second.intent) correct(entry.second.intent->at);
  }
  load_newest_label();
  return corrected;
}

void Ledger::Impl::relabel_rounds(std::int64_t boot, Microseconds utc_minus_boot, std::int64_t& corrected) {
  Query next{*connection_, "SELECT id, end_us FROM rounds WHERE label = 0 AND boot = ? ORDER BY id LIMIT 1"};
  Query update{*connection_, "UPDATE rounds SET end_utc_us = ?2, day = ?3, label = 1 WHERE id = ?1"};
  GapsAcrossBoots gaps{*connection_};
  for (;;) {
    std::int64_t id = 0;
    UtcTime end;
    {
      Rows rows = next.select(boot);
      if (!rows.next()) return;
      id = rows.integer(0);
      end = UtcTime{Microseconds{rows.integer(1)} + utc_minus_boot};
    }
    update.run(id, end.time_since_epoch().count(), std::int64_t{rollup_.quarter_of(end, Microseconds{1}).day});
    gaps.measure(id, end);
    rollup_.add_rounds(id, id);
    ++corrected;
  }
}

}  // namespace rbamp::storage
