#include "storage/books.hpp"

#include <algorithm>

namespace rbamp::storage {
namespace {

using metering::Closing;
using metering::Instant;
using metering::Posting;

// Both clocks are read one after the other for each latch, so that labels of one round jitter by microseconds. Closings whose
// clocks agree to this much share a row; their label is then exact to as much.
constexpr Microseconds label_tolerance{1000};
constexpr std::int64_t lines_per_round = 256;

std::int64_t second_of(UtcTime when) { return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count(); }

tl::unexpected<Error> refusal(const std::string& place, const std::string& why) {
  return failure(Errc::ledger_damaged, Remedy::give_up, "a closing of \"" + place + "\" does not fit to the ledger: " + why);
}

/// The UTC label that a row of this round gives to an instant of the boot clock.
UtcTime label_in(const RoundRow& round, const Instant& end) { return round.end.utc + (end.at - round.end.at); }

bool fits(const RoundRow& round, const Instant& end) {
  if (round.end.boot != end.boot || round.end.utc_is_trusted != end.utc_is_trusted) return false;
  const UtcTime label = label_in(round, end);
  const Microseconds off = label - end.utc;
  if (off > label_tolerance || off < -label_tolerance) return false;
  return second_of(label) == second_of(round.end.utc);  // `ts` of the row is then right for every line
}

/// Turns closings into rows, one module after the other.
class Stager {
 public:
  explicit Stager(const Books& books) : books_(books), next_round_(books.next_round), next_mount_(books.next_mount()) {}

  Result<void> add(const metering::ModuleCommit& module) {
    for (const auto& closing : module.closings) {
      if (closing.place != module.place || closing.module != module.module) {
        return refusal(name_of(closing.place), "it stands under another module");
      }
      if (auto added = add(closing); !added) return added;
    }
    return {};
  }

  StagedRound take() { return std::move(staged_); }

 private:
  Result<void> add(const Closing& closing) {
    if (closing.postings.empty()) return {};  // a module without energy: nothing is booked, so no time is covered
    if (auto covered = cover(closing); !covered) return covered;
    std::map<std::int64_t, ClosingRow> rows;  // by mount
    for (const auto& posting : closing.postings) {
      const auto mount = mount_for(closing, posting.channel);
      if (!mount) return failure(mount.error());
      const std::size_t slot = *(*mount)->slot_of(posting.channel);
      auto& row = rows[(*mount)->id];
      if (row.slots[slot]) return refusal(name_of(closing.place), "a channel occurs twice");
      if (auto booked = book(closing, posting); !booked) return booked;
      row.mount = (*mount)->id;
      row.slots[slot] = SlotAmounts{posting.energy_import, posting.energy_export, posting.total_import, posting.total_export};
      row.import_remainders[slot] = posting.import_remainder;
      row.export_remainders[slot] = posting.export_remainder;
      if (posting.export_is_estimated) row.flags |= row_flag::export_estimated_slot0 << slot;
      row.set_export_source(slot, posting.export_source);
    }
    for (auto& [mount, row] : rows) {
      row.length = closing.span.length;
      row.quality = closing.quality;
      row.reason = closing.reason;
      if (!closing.span.begin.same_boot_as(closing.span.end)) row.flags |= row_flag::begins_in_other_boot;
      if (const auto defect = defect_of(row)) return refusal(name_of(closing.place), *defect);
      place_in_round(row, closing.span.end);
      staged_.lines.push_back({row, closing.note});
    }
    return {};
  }

  /// I3: the time of a place is covered once, and a period is as long as its ends say.
  Result<void> cover(const Closing& closing) {
    const auto known = books_.places.find(closing.place);
    if (known == books_.places.end()) return refusal("?", "its place is not open");
    auto& place = staged_.places.try_emplace(closing.place, known->second).first->second;
    const auto& span = closing.span;
    if (span.begin.same_boot_as(span.end) && span.end.at - span.begin.at != span.length) {
      return refusal(place.name, "its length is not the time between its ends");
    }
    if (closing.quality != metering::Quality::adjustment) {
      if (place.covered_until && place.covered_until->same_boot_as(span.begin) && span.begin.at < place.covered_until->at) {
        return refusal(place.name, "it begins " + std::to_string((place.covered_until->at - span.begin.at).count()) +
                                       " us before the end of the closing before it");
      }
      place.covered_until = span.end;
      place.last_module = closing.module;
    }
    return {};
  }

  /// I1 and I2.
  Result<void> book(const Closing& closing, const Posting& posting) {
    const auto known = books_.channels.find(posting.channel);
    if (known == books_.channels.end() || known->second.place != closing.place) {
      return refusal(name_of(closing.place), "it has a channel of another place");
    }
    auto& registers = staged_.registers.try_emplace(posting.channel, known->second.registers).first->second;
    if (registers.energy_import + posting.energy_import != posting.total_import ||
        registers.energy_export + posting.energy_export != posting.total_export) {
      return refusal(name_of(closing.place), "the totals of channel \"" + known->second.name +
                                                 "\" are not the stored ones plus its energy (stored import " +
                                                 std::to_string(registers.energy_import.value()) + ", energy " +
                                                 std::to_string(posting.energy_import.value()) + ", total " +
                                                 std::to_string(posting.total_import.value()) + " uWh)");
    }
    registers.energy_import = posting.total_import;
    registers.energy_export = posting.total_export;
    registers.import_remainder = posting.import_remainder;
    registers.export_remainder = posting.export_remainder;
    return {};
  }

  Result<const Mount*> mount_for(const Closing& closing, metering::ChannelKey channel) {
    for (const auto& mount : staged_.new_mounts) {
      if (mount.place == closing.place && mount.module == closing.module && mount.slot_of(channel)) return &mount;
    }
    if (const Mount* mount = books_.mount_of(closing.place, closing.module, channel)) return mount;
    if (!books_.modules.contains(closing.module)) return refusal(name_of(closing.place), "its module is not open");
    if (const auto known = books_.channels.find(channel);
        known == books_.channels.end() || known->second.place != closing.place) {
      return refusal(name_of(closing.place), "it has a channel of another place");
    }
    // A chip that was opened with fewer channels than it now posts.
    staged_.new_mounts.push_back({next_mount_++, closing.place, closing.module, {channel}});
    return &staged_.new_mounts.back();
  }

  void place_in_round(ClosingRow& row, const Instant& end) {
    if (staged_.rounds.empty() || lines_in_round_ == lines_per_round || !fits(staged_.rounds.back(), end)) {
      staged_.rounds.push_back({next_round_++, end});
      lines_in_round_ = 0;
    }
    const RoundRow& round = staged_.rounds.back();
    row.id = (round.id << 8) | lines_in_round_++;
    row.end_offset = end.at - round.end.at;
  }

  [[nodiscard]] std::string name_of(metering::PlaceKey place) const {
    const auto known = books_.places.find(place);
    return known == books_.places.end() ? "?" : known->second.name;
  }

  const Books& books_;
  StagedRound staged_;
  std::int64_t next_round_;
  std::int64_t next_mount_;
  std::int64_t lines_in_round_ = 0;
};

}  // namespace

std::optional<std::size_t> Mount::slot_of(metering::ChannelKey channel) const {
  const auto* const slot = std::find(channels.begin(), channels.end(), channel);
  if (slot == channels.end()) return std::nullopt;
  return static_cast<std::size_t>(slot - channels.begin());
}

const Mount* Books::mount_of(metering::PlaceKey place, metering::ModuleKey module, metering::ChannelKey channel) const {
  const auto newest = std::find_if(mounts.rbegin(), mounts.rend(), [&](const auto& entry) {
    return entry.second.place == place && entry.second.module == module && entry.second.slot_of(channel);
  });
  return newest == mounts.rend() ? nullptr : &newest->second;
}

std::vector<Mount> Books::missing_mounts(metering::PlaceKey place, metering::ModuleKey module,
                                         const std::vector<metering::ChannelKey>& wanted) const {
  std::vector<Mount> missing;
  for (std::size_t first = 0; first < wanted.size(); first += slots_per_row) {
    Mount mount{next_mount() + static_cast<std::int64_t>(missing.size()), place, module, {}};
    for (std::size_t slot = 0; slot < slots_per_row && first + slot < wanted.size(); ++slot)
      mount.channels[slot] = wanted[first + slot];
    const Mount* known = mount_of(place, module, wanted[first]);
    if (known == nullptr || known->channels != mount.channels) missing.push_back(mount);
  }
  return missing;
}

Result<StagedRound> Books::stage(const metering::RoundCommit& round) const {
  Stager stager{*this};
  for (const auto& module : round.modules) {
    if (auto added = stager.add(module); !added) return failure(added.error());
  }
  return stager.take();
}

void Books::apply(const metering::RoundCommit& round, const StagedRound& staged) {
  for (const auto& module : round.modules) {
    auto& chip = chips[module.module];
    if (!module.keeps_intent) chip.intent = module.next_intent;
    if (!module.anchor) continue;
    chip.anchor = module.anchor;
    chip.place = module.place;
  }
  for (const auto& mount : staged.new_mounts) mounts[mount.id] = mount;
  for (const auto& [key, registers] : staged.registers) channels.at(key).registers = registers;
  for (const auto& [key, place] : staged.places) places[key] = place;
  if (!staged.rounds.empty()) next_round = staged.rounds.back().id + 1;
}

}  // namespace rbamp::storage
