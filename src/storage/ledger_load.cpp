// Ledger::Impl: reading the books at the start, and correcting labels.
#include <set>

#include "storage/closing_reader.hpp"
#include "storage/ledger_impl.hpp"

namespace rbamp::storage {

using metering::ChannelKey;
using metering::Instant;

/// The newest closing of a channel up to the mark ends with its register, or one of the two is damaged.
void Ledger::Impl::check_newest_totals() {
  Query newest{*connection_, "SELECT " + closing_columns() +
                                 " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 "
                                 "WHERE r.id <= ? ORDER BY r.id DESC, c.id DESC LIMIT 64"};
  std::set<ChannelKey> seen;
  for (Rows rows = newest.select(rolled_up_through_); rows.next();) {
    const auto closing = read_closing(rows, path());
    const auto mount = books_.mounts.find(closing.row.mount);
    if (mount == books_.mounts.end())
      fail_damaged(path(), "closing " + std::to_string(closing.row.id) + " names a mount that is not there");
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      const auto& channel = mount->second.channels[slot];
      if (!channel || !closing.row.slots[slot] || !seen.insert(*channel).second) continue;
      const auto& book = books_.channels.at(*channel);
      if (book.registers.energy_import < closing.row.slots[slot]->total_import ||
          book.registers.energy_export < closing.row.slots[slot]->total_export) {
        fail_damaged(path(), "the register of \"" + book.name + "\" is behind its newest closing");
      }
    }
  }
}

void Ledger::Impl::load_tail() {
  books_.next_round = std::max(rolled_up_through_, connection_->integer("SELECT max(id) FROM rounds").value_or(0)) + 1;
  Query tail{*connection_, "SELECT " + closing_columns() +
                               " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 "
                               "WHERE r.id > ? ORDER BY r.id"};
  bool has_tail = false;
  for (Rows rows = tail.select(rolled_up_through_); rows.next();) {
    has_tail = true;
    const auto [row, end] = read_closing(rows, path());
    const auto mount = books_.mounts.find(row.mount);
    if (mount == books_.mounts.end())
      fail_damaged(path(), "closing " + std::to_string(row.id) + " names a mount that is not there");
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      if (!row.slots[slot]) continue;
      if (!mount->second.channels[slot])
        fail_damaged(path(), "closing " + std::to_string(row.id) + " has more channels than its mount");
      const ChannelKey channel = *mount->second.channels[slot];
      auto& registers = books_.channels.at(channel).registers;
      const auto& amounts = *row.slots[slot];
      if (registers.energy_import + amounts.energy_import != amounts.total_import ||
          registers.energy_export + amounts.energy_export != amounts.total_export) {
        fail_damaged(path(), "the totals of closing " + std::to_string(row.id) + " do not follow from those before");
      }
      registers.energy_import = amounts.total_import;
      registers.energy_export = amounts.total_export;
      registers.import_remainder = row.import_remainders[slot];
      registers.export_remainder = row.export_remainders[slot];
      stale_registers_.insert(channel);
    }
    if (row.quality != metering::Quality::adjustment) {
      auto& place = books_.places.at(mount->second.place);
      place.covered_until = Instant{registry_.boot_of(end.boot), end.at, end.utc, end.label == label_state::trusted};
      place.last_module = mount->second.module;
      stale_places_.insert(mount->second.place);
    }
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
  for (auto& entry : books_.places) {
    auto& covered = entry.second.covered_until;
    if (!covered || covered->boot != boot || covered->utc_is_trusted) continue;
    covered->utc = UtcTime{covered->at.time_since_epoch() + utc_minus_boot};
    covered->utc_is_trusted = true;
  }
  load_newest_label();
  return corrected;
}

void Ledger::Impl::relabel_rounds(std::int64_t boot, Microseconds utc_minus_boot, std::int64_t& corrected) {
  Query next{*connection_, "SELECT id, end_us FROM rounds WHERE label = 0 AND boot = ? ORDER BY id LIMIT 1"};
  Query update{*connection_, "UPDATE rounds SET end_utc_us = ?2, day = ?3, label = 1 WHERE id = ?1"};
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
    rollup_.add_rounds(id, id);
    ++corrected;
  }
}

}  // namespace rbamp::storage
