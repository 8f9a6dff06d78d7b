#include "storage/salvage.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "storage/closing_reader.hpp"
#include "storage/registry.hpp"
#include "storage/round_writer.hpp"

namespace rbamp::storage {
namespace {

using metering::ChannelKey;
using metering::PlaceKey;

// Round numbers are used as cursors by others: numbers that the lost rounds may have had are never given again.
constexpr std::int64_t skipped_rounds = 1 << 20;
// The same for ticks of broadcast latches: a quarter of their circle.
constexpr unsigned skipped_ticks = 0x4000;
// No channel of any rbAmp carries more (protocol 14.3 has 30 kW); a register that grew faster has a flipped bit.
constexpr double most_power_w = 100e3;

struct Table {
  const char* name;
  const char* columns;
};

// Without these nothing else has a meaning.
constexpr auto identity_tables = std::to_array<Table>({
    {"boots", "id, boot_id"},
    {"modules", "id, uid"},
    {"places", "id, name, last_module, covered_boot, covered_us, covered_utc_us, covered_is_trusted"},
    {"channels", "id, place, name, input, since_utc_us"},
    {"mounts", "id, place, module"},
    {"mount_channels", "mount, slot, channel"},
    {"registers",
     "channel, total_import, total_export, import_remainder, export_remainder, folded_import, folded_export, carried_import, "
     "carried_export"},
});
constexpr auto state_of_chips = std::to_array<Table>({
    {"anchors", "module, place, boot, at_us, at_utc_us, uncertainty_us, witness, commit_count, uptime_s, gc_tick, flags"},
    {"intents", "module, boot, at_us, at_utc_us, gc_tick, flags"},
});
constexpr auto extras = std::to_array<Table>({
    {"resets", "id, module, boot, at_us, at_utc_us, is_trusted, uptime_s, reset_cause"},
    {"events", "id, boot, at_us, at_utc_us, is_trusted, module, channel, kind, text"},
    {"state", "name, value"},
    {"days", "id, qualities, import0, export0, import1, export1, import2, export2"},
});

/// The damaged file on a connection of its own: what fails there ends no transaction of the new file.
class Salvage {
 public:
  Salvage(Connection& fresh, Connection& old) : fresh_(fresh), old_(old) {}

  /// False when the table could not be read to its end; what was read before is in the new file.
  bool copy(const Table& table) {
    const std::string name = table.name;
    const std::string columns = table.columns;
    const auto width = static_cast<int>(std::count(columns.begin(), columns.end(), ',')) + 1;
    std::string places = "?";
    for (int column = 1; column < width; ++column) places += ", ?";
    Query insert{fresh_, "INSERT INTO " + name + "(" + columns + ") VALUES(" + places + ")"};
    std::optional<Query> select;
    if (!read([&] { select.emplace(old_, "SELECT " + columns + " FROM " + name); })) return false;
    Rows rows = select->select();
    for (;;) {
      bool has_row = false;
      if (!read([&] { has_row = rows.next(); })) return false;
      if (!has_row) return true;
      const auto put = caught([&] {
        for (int column = 0; column < width; ++column) insert.bind_from(column + 1, rows, column);
        insert.execute();
      });
      if (put) continue;
      // A row that breaks the rules of the schema is damage too; a full disk is not.
      if (put.error().remedy == Remedy::wait || put.error().is(Errc::ledger_readonly)) throw Failure{put.error()};
      return false;
    }
  }

  /// Registers as of the mark, then every closing after it that still follows from those before. False when it broke off.
  bool follow_closings(Registry& registry, Books& books) {
    bool is_whole = true;
    return read([&] {
             Query tail{old_, "SELECT " + closing_columns() +
                                  " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 "
                                  "WHERE r.id > (SELECT rolled_up_through FROM book) ORDER BY r.id"};
             for (Rows rows = tail.select(); is_whole && rows.next();)
               is_whole = follow(registry, books, read_closing(rows, old_.path()));
           }) &&
           is_whole;
  }

  /// The greatest round number that can be read, or 0.
  std::int64_t last_round() {
    std::int64_t last = 0;
    for (const char* sql : {"SELECT rolled_up_through FROM book", "SELECT max(id) FROM rounds"})
      read([&] { last = std::max(last, old_.integer(sql).value_or(0)); });
    return last;
  }

  /// The id of the damaged ledger, when it can be read: its snapshot and cursors stay valid.
  void copy_id() {
    std::array<std::uint8_t, 16> id{};
    const bool is_known = read([&] {
      Query select{old_, "SELECT ledger_id FROM book"};
      Rows rows = select.select();
      if (!rows.next()) fail_damaged(old_.path(), "it has no id");
      id = rows.bytes<16>(0);
    });
    if (is_known) Query{fresh_, "UPDATE book SET ledger_id = ?"}.run(Bytes{id});
  }

 private:
  /// Whatever goes wrong while the old file is read is its damage.
  template <class Work>
  static bool read(Work&& work) {
    return caught(std::forward<Work>(work)).has_value();
  }

  static bool follow(Registry& registry, Books& books, const ReadClosing& closing) {
    const auto& row = closing.row;
    const auto mount = books.mounts.find(row.mount);
    if (mount == books.mounts.end() || defect_of(row)) return false;
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      if (!row.slots[slot]) continue;
      if (!mount->second.channels[slot]) return false;
      const auto& amounts = *row.slots[slot];
      auto& registers = books.channels.at(*mount->second.channels[slot]).registers;
      if (registers.energy_import + amounts.energy_import != amounts.total_import ||
          registers.energy_export + amounts.energy_export != amounts.total_export) {
        return false;
      }
      registers.energy_import = amounts.total_import;
      registers.energy_export = amounts.total_export;
      registers.import_remainder = row.import_remainders[slot];
      registers.export_remainder = row.export_remainders[slot];
    }
    if (row.quality != metering::Quality::adjustment) {
      auto& place = books.places.at(mount->second.place);
      place.covered_until = metering::Instant{registry.boot_of(closing.end.boot), closing.end.at, closing.end.utc,
                                              closing.end.label == label_state::trusted};
      place.last_module = mount->second.module;
    }
    return true;
  }

  Connection& fresh_;
  Connection& old_;
};

void clear(Connection& fresh, std::span<const Table> tables) {
  for (const auto& table : tables) fresh.execute("DELETE FROM " + std::string{table.name});
}

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

/// True when the places and registers of the damaged file could be read; `books` then holds them.
bool take_over(Connection& fresh, Connection& old, Registry& registry, Books& books, std::vector<std::string>& told) {
  Salvage salvage{fresh, old};
  bool is_readable = true;
  for (const auto& table : identity_tables) is_readable = is_readable && salvage.copy(table);
  if (is_readable) {
    try {
      registry.load(books);
    } catch (const Failure&) {
      is_readable = false;
    }
  }
  if (!is_readable) {
    books = Books{};
    clear(fresh, identity_tables);
    return false;
  }
  const bool is_whole = salvage.follow_closings(registry, books);
  // An anchor says which latch was booked last. With closings lost it would claim that all before it is booked.
  for (const auto& table : state_of_chips) {
    if (!is_whole || !salvage.copy(table)) clear(fresh, {&table, 1});
  }
  for (const auto& table : extras) salvage.copy(table);  // each row stands for itself: what can be read is worth keeping
  salvage.copy_id();
  fresh.execute("UPDATE main.book SET rolled_up_through = " + std::to_string(salvage.last_round() + skipped_rounds));
  told.push_back(is_whole ? "its registers were taken over up to the last committed round"
                          : "its registers were taken over up to the last round that can be read");
  return true;
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

/// Registers that the snapshot knows better, and places that only it knows.
bool add_snapshot(Registry& registry, Books& books, const Snapshot& snapshot, UtcTime now) {
  bool was_needed = false;
  const Microseconds age = std::max(now - snapshot.written, Microseconds::zero());
  for (const auto& place : snapshot.places) {
    std::optional<PlaceKey> place_key;
    for (const auto& [key, book] : books.places) {
      if (book.name == place.name) place_key = key;
    }
    if (!place_key) {
      was_needed = true;
      place_key = registry.add_place(place.name);
      PlaceBook book{place.name, place.covered_until, std::nullopt};
      if (place.last_chip) {
        for (const auto& [key, uid] : books.modules) {
          if (uid == *place.last_chip) book.last_module = key;
        }
        if (!book.last_module) books.modules[*(book.last_module = registry.add_module(*place.last_chip))] = *place.last_chip;
      }
      books.places[*place_key] = book;
    }
    for (const auto& channel : place.channels) {
      std::optional<ChannelKey> known;
      for (const auto& [key, book] : books.channels) {
        if (book.place == *place_key && book.name == channel.name) known = key;
      }
      if (!known) {
        was_needed = true;
        known = registry.add_channel(*place_key, {channel.input, channel.name}, {channel.registers, {}, {}});
        books.channels[*known] = {*place_key, channel.name, channel.input, channel.registers};
        continue;
      }
      auto& registers = books.channels.at(*known).registers;
      if (follows_from(registers, channel.registers, age)) continue;
      was_needed = true;
      registers = channel.registers;
    }
  }
  return was_needed;
}

}  // namespace

std::vector<std::string> salvage_into(Connection& fresh, const SalvageSource& source) {
  std::vector<std::string> told;
  std::optional<Connection> old;
  if (source.damaged_path && !caught([&] { old.emplace(*source.damaged_path, Connection::Access::read_only); }))
    told.emplace_back("it cannot be read at all");
  {
    Transaction transaction{fresh};
    Registry registry{fresh};
    Books books;
    const bool took_over = old && take_over(fresh, *old, registry, books, told);
    if (old && !took_over) told.emplace_back("its registers cannot be read");
    if (source.snapshot && add_snapshot(registry, books, *source.snapshot, source.now)) {
      told.push_back("registers were taken from the daily snapshot of " + to_rfc3339(source.snapshot->written));
      if (!took_over) {
        Query id{fresh, "UPDATE main.book SET ledger_id = ?, rolled_up_through = ?"};
        id.run(Bytes{source.snapshot->ledger}, source.snapshot->last_round + skipped_rounds);
        if (source.snapshot->gc_tick != metering::no_gc_tick) {
          RoundWriter{fresh, registry}.write_gc_tick(
              static_cast<std::uint16_t>((source.snapshot->gc_tick + skipped_ticks) % metering::no_gc_tick));
        }
      }
    }
    for (const auto& [key, channel] : books.channels) registry.store_registers(key, channel.registers);
    for (const auto& [key, place] : books.places) registry.store_place(key, place);
    balance(fresh);
    if (books.channels.empty()) told.emplace_back("no register could be restored: counting starts from zero");
    transaction.commit();
  }
  return told;
}

}  // namespace rbamp::storage
