// Ledger::Impl: reading the books at the start.
#include "storage/closing_reader.hpp"
#include "storage/ledger_impl.hpp"
#include "storage/tail.hpp"

namespace rbamp::storage {

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

void Ledger::Impl::load_newest_label() {
  const auto newest = connection_->integer("SELECT end_utc_us FROM rounds ORDER BY id DESC LIMIT 1");
  if (newest) newest_label_ = UtcTime{Microseconds{*newest}};
  is_trusted_label_loaded_ = false;
}

std::optional<UtcTime> Ledger::Impl::trusted_label() {
  if (!is_trusted_label_loaded_) {
    const auto newest = connection_->integer("SELECT end_utc_us FROM rounds WHERE label = 1 ORDER BY id DESC LIMIT 1");
    if (newest) newest_trusted_label_ = UtcTime{Microseconds{*newest}};
    is_trusted_label_loaded_ = true;
  }
  return newest_trusted_label_;
}

}  // namespace rbamp::storage
