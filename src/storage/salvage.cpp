#include "storage/salvage.hpp"

#include <algorithm>

#include "storage/damaged_file.hpp"
#include "storage/registry.hpp"
#include "storage/round_writer.hpp"

namespace rbamp::storage {
namespace {

using metering::PlaceKey;

// No channel of any rbAmp carries more (protocol 14.3 has 30 kW); a register that grew faster has a flipped bit.
constexpr double most_power_w = 100e3;

/// Everything restored is folded: no closing of it is in the new file. What is in no day is carried.
void balance(Connection& fresh) {
  const std::string sums =
      "(SELECT mc.channel AS channel, sum(CASE mc.slot WHEN 0 THEN d.import0 WHEN 1 THEN d.import1 ELSE d.import2 END) AS i, "
      "sum(CASE mc.slot WHEN 0 THEN d.export0 WHEN 1 THEN d.export1 ELSE d.export2 END) AS e "
      "FROM main.days d JOIN main.mount_channels mc ON mc.mount = d.mount GROUP BY mc.channel)";
  if (fresh.integer("SELECT 1 FROM " + sums +
                    " s JOIN main.registers r ON r.channel = s.channel WHERE s.i > r.total_import OR s.e > r.total_export")) {
    fresh.execute("DELETE FROM main.days");  // days that claim more than was ever counted are not to be trusted
  }
  fresh.execute(
      "UPDATE main.registers SET folded_import = total_import, folded_export = total_export, "
      "carried_import = total_import - coalesce((SELECT i FROM " +
      sums +
      " s WHERE s.channel = registers.channel), 0), "
      "carried_export = total_export - coalesce((SELECT e FROM " +
      sums + " s WHERE s.channel = registers.channel), 0)");
}

/// A file that is newer than the snapshot has the same registers or somewhat greater ones.
bool follows_from(const metering::Registers& registers, const metering::Registers& earlier, Microseconds time) {
  const double most_uwh =
      most_power_w * 1e6 * std::chrono::duration<double, std::ratio<3600>>{time + std::chrono::hours{24}}.count();
  const auto gain_is_possible = [most_uwh](MicroWattHours later, MicroWattHours before) {
    return later >= before && static_cast<double>((later - before).value()) <= most_uwh;
  };
  return gain_is_possible(registers.energy_import, earlier.energy_import) &&
         gain_is_possible(registers.energy_export, earlier.energy_export);
}

/// Puts what a snapshot knows better into books that may be empty.
class SnapshotReader {
 public:
  SnapshotReader(Registry& registry, Books& books, const Snapshot& snapshot, UtcTime now)
      : registry_(registry), books_(books), snapshot_(snapshot), age_(std::max(now - snapshot.written, Microseconds::zero())) {}

  /// True when something of it was needed.
  bool run() {
    for (const auto& chip : snapshot_.chips) add_chip(chip.uid, chip.key);
    for (const auto& place : snapshot_.places) add(place);
    if (snapshot_.is_last_word) take_chips();
    return was_needed_ || snapshot_.is_last_word;
  }

 private:
  metering::ModuleKey add_chip(const ModuleUid& uid, std::optional<metering::ModuleKey> wanted) {
    for (const auto& [key, known] : books_.modules) {
      if (known == uid) return key;
    }
    const auto key = registry_.add_module(uid, wanted);
    books_.modules[key] = uid;
    return key;
  }

  void add(const SnapshotPlace& place) {
    const auto known = std::find_if(books_.places.begin(), books_.places.end(),
                                    [&](const auto& entry) { return entry.second.name == place.name; });
    const bool is_new = known == books_.places.end();
    const PlaceKey key = is_new ? registry_.add_place(place.name, place.key) : known->first;
    keys_[place.key] = key;
    auto& book = books_.places[key];
    bool is_behind = is_new || snapshot_.is_last_word;
    for (const auto& channel : place.channels) is_behind = add(key, channel) || is_behind;
    if (!is_behind) return;
    was_needed_ = true;
    book = PlaceBook{place.name, place.covered_until, std::nullopt};
    if (place.last_chip) book.last_module = add_chip(*place.last_chip, std::nullopt);
    // An anchor that is older than these registers would bill twice what they contain.
    std::erase_if(books_.chips, [key](const auto& chip) { return chip.second.place == key; });
  }

  /// True when the registers of the snapshot are the ones to go on with.
  bool add(PlaceKey place, const SnapshotChannel& channel) {
    for (auto& [key, book] : books_.channels) {
      if (book.place != place || book.name != channel.name) continue;
      if (!snapshot_.is_last_word && follows_from(book.registers, channel.registers, age_)) return false;
      book.registers = channel.registers;
      return true;
    }
    const auto key = registry_.add_channel(place, {channel.input, channel.name}, {channel.registers, {}, {}}, channel.key);
    books_.channels[key] = {place, channel.name, channel.input, channel.registers};
    return true;
  }

  void take_chips() {
    books_.chips.clear();
    for (const auto& chip : snapshot_.chips) {
      auto& state = books_.chips[add_chip(chip.uid, chip.key)] = chip.state;
      const auto key = keys_.find(chip.state.place);
      if (key != keys_.end()) state.place = key->second;
      if (key == keys_.end()) state.anchor.reset();
    }
  }

  Registry& registry_;
  Books& books_;
  const Snapshot& snapshot_;
  Microseconds age_;
  std::map<PlaceKey, PlaceKey> keys_;  // of the snapshot, to ours
  bool was_needed_ = false;
};

/// The restoring of one ledger, inside one transaction of the new file.
class Salvage {
 public:
  Salvage(Connection& fresh, const SalvageSource& source)
      : fresh_(fresh), source_(source), registry_(fresh), writer_(fresh, registry_) {}

  std::vector<std::string> run() {
    if (source_.damaged_path) {
      file_ = DamagedFile::open(*source_.damaged_path, fresh_);
      if (file_ == nullptr) told_.emplace_back("it cannot be read at all");
    }
    if (file_ != nullptr) read_file();
    if (source_.snapshot) read_snapshot(*source_.snapshot);
    store();
    if (books_.channels.empty()) told_.emplace_back("no register could be restored: counting starts from zero");
    return std::move(told_);
  }

 private:
  void read_file() {
    id_ = file_->id();
    last_round_ = file_->last_round();
    file_->take_texts();
    gc_tick_ = file_->gc_tick();
    extent_ = file_->take_books(registry_, books_);
    if (extent_ == DamagedFile::Extent::nothing) {
      told_.emplace_back("its registers cannot be read");
      return;
    }
    file_->take_history();
    if (extent_ == DamagedFile::Extent::whole) file_->take_chips(writer_, books_);
    told_.emplace_back(extent_ == DamagedFile::Extent::whole
                           ? "its registers were taken over up to the last committed round"
                           : "its registers were taken over up to the last round that can be read");
  }

  void read_snapshot(const Snapshot& snapshot) {
    if (extent_ != DamagedFile::Extent::nothing && id_ && *id_ != snapshot.ledger) {
      told_.emplace_back("the snapshot of the registers beside it belongs to another ledger and was not used");
      return;
    }
    if (SnapshotReader{registry_, books_, snapshot, source_.now}.run()) {
      told_.push_back(snapshot.is_last_word
                          ? "registers and anchors are those of the last commit, noted at " + to_rfc3339(snapshot.written)
                          : "registers were taken from the daily snapshot of " + to_rfc3339(snapshot.written));
    }
    if (!id_ || extent_ == DamagedFile::Extent::nothing) id_ = snapshot.ledger;
    last_round_ = std::max(last_round_, snapshot.last_round);
    if (snapshot.is_last_word || gc_tick_ == metering::no_gc_tick) gc_tick_ = gc_tick_after(snapshot);
  }

  void store() {
    for (const auto& [key, channel] : books_.channels) registry_.store_registers(key, channel.registers);
    for (const auto& [key, place] : books_.places) registry_.store_place(key, place);
    writer_.write_chips(books_);
    if (gc_tick_ != metering::no_gc_tick) writer_.write_gc_tick(gc_tick_);
    if (id_) Query{fresh_, "UPDATE book SET ledger_id = ?"}.run(Bytes{*id_});
    Query{fresh_, "UPDATE book SET rolled_up_through = ?"}.run(last_round_after(last_round_));
    balance(fresh_);
  }

  Connection& fresh_;
  const SalvageSource& source_;
  Registry registry_;
  RoundWriter writer_;
  Books books_;
  std::unique_ptr<DamagedFile> file_;
  DamagedFile::Extent extent_ = DamagedFile::Extent::nothing;
  std::optional<LedgerId> id_;
  std::int64_t last_round_ = 0;
  std::uint16_t gc_tick_ = metering::no_gc_tick;
  std::vector<std::string> told_;
};

}  // namespace

std::vector<std::string> salvage_into(Connection& fresh, const SalvageSource& source) {
  Transaction transaction{fresh};
  auto told = Salvage{fresh, source}.run();
  transaction.commit();
  return told;
}

}  // namespace rbamp::storage
