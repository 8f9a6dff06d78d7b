// Ledger::Impl: the snapshot of the registers. Making one, and catching up with one that is newer than the file.
#include <algorithm>

#include "storage/files.hpp"
#include "storage/ledger_impl.hpp"

namespace rbamp::storage {
namespace {

using metering::Closing;
using metering::Instant;
using metering::PlaceKey;

bool is_before(const Instant& earlier, const Instant& later) {
  return earlier.same_boot_as(later) ? earlier.at < later.at : earlier.utc < later.utc;
}

Microseconds between(const Instant& begin, const Instant& end) {
  return begin.same_boot_as(end) ? end.at - begin.at : std::max(end.utc - begin.utc, Microseconds::zero());
}

/// A line without energy for the time whose lines are in another file, so that no time is left out.
Closing gap_until(const Books& books, PlaceKey place, metering::ModuleKey module, const Instant& end) {
  Closing gap;
  gap.place = place;
  gap.module = module;
  const auto& begin = *books.places.at(place).covered_until;
  gap.span = {begin, end, between(begin, end)};
  gap.quality = metering::Quality::gap;
  gap.reason = metering::Reason::correction;
  gap.note = "the lines of this time are not in this file, which is older; their energy is in the adjustment that follows";
  for (const auto& [key, book] : books.channels) {
    if (book.place != place) continue;
    const auto& now = book.registers;
    gap.postings.push_back({key, MicroWattHours{}, MicroWattHours{}, now.energy_import, now.energy_export, now.import_remainder,
                            now.export_remainder, false});
  }
  return gap;
}

}  // namespace

void Ledger::Impl::store_snapshot(UtcTime now, SnapshotKind kind) {
  Snapshot snapshot;
  snapshot.ledger = id_;
  snapshot.written = now;
  snapshot.is_last_word = kind == SnapshotKind::last_word;
  snapshot.gc_tick = gc_tick_;
  snapshot.last_round = books_.next_round - 1;
  for (const auto& [key, uid] : books_.modules) {
    SnapshotChip chip{key, uid, {}};
    if (const auto state = books_.chips.find(key); snapshot.is_last_word && state != books_.chips.end())
      chip.state = state->second;
    snapshot.chips.push_back(chip);
  }
  for (const auto& [place_key, place] : books_.places) {
    SnapshotPlace entry{place_key, place.name, place.covered_until, std::nullopt, {}};
    if (place.last_module) entry.last_chip = books_.modules.at(*place.last_module);
    for (const auto& [key, channel] : books_.channels) {
      if (channel.place == place_key) entry.channels.push_back({key, channel.name, channel.input, channel.registers});
    }
    snapshot.places.push_back(std::move(entry));
  }
  if (auto stored = storage::store_snapshot(snapshot_path(settings_.path), snapshot, mode_of(settings_.path)); !stored)
    throw Failure{stored.error()};
  if (kind == SnapshotKind::daily) snapshot_day_ = zone_.local_day(now);
}

void Ledger::Impl::leave_last_word() {
  (void)caught([&] { store_snapshot(newest_label_.value_or(opened_), SnapshotKind::last_word); });
}

void Ledger::Impl::catch_up_with(const Snapshot& snapshot, const Instant& now, std::vector<Notice>& notices) {
  if (snapshot.ledger != id_) return;  // of another ledger that stood at this path
  // The file has every round that the snapshot knew: a register that is lower now was corrected by a person.
  if (books_.next_round > snapshot.last_round) return;
  // First the chips: an anchor that is older than the registers would bill twice what they contain. When this ends in between,
  // the next opening does both.
  take_chips_of(snapshot);
  books_.next_round = last_round_after(snapshot.last_round);
  metering::RoundCommit lines;
  std::string raised;
  for (const auto& place : snapshot.places) catch_up(place, snapshot, now, lines, raised);
  const auto staged = books_.stage(lines);
  if (!staged) throw Failure{staged.error()};
  commit({{}, gc_tick_after(snapshot)}, *staged);
  // Also without a line, so that the next opening does not find an older file again.
  Transaction transaction{*connection_};
  const auto last = roll_up_tail(nullptr);
  transaction.commit();
  tail_ended(last);
  notices.push_back(
      {Notice::Kind::restored,
       "the ledger is older than its snapshot of " + to_rfc3339(snapshot.written) + " (was a backup put in place?)" +
           (raised.empty() ? std::string{}
                           : ": the registers of " + raised + " were raised to it by an adjustment, so that no counter falls")});
}

void Ledger::Impl::take_chips_of(const Snapshot& snapshot) {
  Books after = books_;
  Transaction transaction{*connection_};
  std::map<PlaceKey, PlaceKey> places;  // of the snapshot, to ours
  for (const auto& place : snapshot.places) {
    const auto known = std::find_if(after.places.begin(), after.places.end(),
                                    [&](const auto& entry) { return entry.second.name == place.name; });
    const auto key = known != after.places.end() ? known->first : registry_.add_place(place.name, place.key);
    places[place.key] = key;
    after.places.try_emplace(key, PlaceBook{place.name, place.covered_until, std::nullopt});
    for (const auto& channel : place.channels) {
      const bool is_known = std::any_of(after.channels.begin(), after.channels.end(), [&](const auto& entry) {
        return entry.second.place == key && entry.second.name == channel.name;
      });
      if (is_known) continue;
      // Made after the backup: its registers come with it, and no day of this file contains them.
      const auto& registers = channel.registers;
      const auto made = registry_.add_channel(key, {channel.input, channel.name},
                                              {registers, registers.energy_import, registers.energy_export}, channel.key);
      after.channels[made] = {key, channel.name, channel.input, registers};
    }
  }
  after.chips.clear();
  for (const auto& chip : snapshot.chips) {
    const auto known =
        std::find_if(after.modules.begin(), after.modules.end(), [&](const auto& entry) { return entry.second == chip.uid; });
    const auto key = known != after.modules.end() ? known->first : registry_.add_module(chip.uid, chip.key);
    after.modules[key] = chip.uid;
    if (!chip.state.anchor && !chip.state.intent) continue;
    auto& state = after.chips[key] = chip.state;
    if (state.anchor) state.place = places.at(state.place);
  }
  writer_.write_chips(after);
  transaction.commit();
  books_ = std::move(after);
}

void Ledger::Impl::catch_up(const SnapshotPlace& place, const Snapshot& snapshot, const Instant& now,
                            metering::RoundCommit& lines, std::string& raised) {
  if (!place.last_chip) return;  // nothing was ever booked there
  const auto key = std::find_if(books_.places.begin(), books_.places.end(), [&](const auto& entry) {
                     return entry.second.name == place.name;
                   })->first;
  const auto module = std::find_if(books_.modules.begin(), books_.modules.end(), [&](const auto& entry) {
                        return entry.second == *place.last_chip;
                      })->first;
  metering::ModuleCommit commit{key, module, {}, {}, {}, {}};
  const auto& covered = books_.places.at(key).covered_until;
  if (covered && place.covered_until && is_before(*covered, *place.covered_until))
    commit.closings.push_back(gap_until(books_, key, module, *place.covered_until));

  Closing adjustment;
  adjustment.place = key;
  adjustment.module = module;
  adjustment.span = {now, now, Microseconds::zero()};
  adjustment.quality = metering::Quality::adjustment;
  adjustment.reason = metering::Reason::correction;
  adjustment.note = "raised to the snapshot of " + to_rfc3339(snapshot.written) + ": the ledger file was older than it";
  for (const auto& channel : place.channels) {
    for (const auto& [channel_key, book] : books_.channels) {
      if (book.place != key || book.name != channel.name) continue;
      const auto& have = book.registers;
      const auto target_import = std::max(have.energy_import, channel.registers.energy_import);
      const auto target_export = std::max(have.energy_export, channel.registers.energy_export);
      if (target_import == have.energy_import && target_export == have.energy_export) continue;
      adjustment.postings.push_back({channel_key, target_import - have.energy_import, target_export - have.energy_export,
                                     target_import, target_export, channel.registers.import_remainder,
                                     channel.registers.export_remainder, false});
      raised += (raised.empty() ? "" : ", ") + place.name + "/" + channel.name;
    }
  }
  if (!adjustment.postings.empty()) commit.closings.push_back(std::move(adjustment));
  if (!commit.closings.empty()) lines.modules.push_back(std::move(commit));
}

}  // namespace rbamp::storage
