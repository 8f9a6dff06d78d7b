#include "storage/damaged_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "storage/tail.hpp"

namespace rbamp::storage {
namespace {

// Without these nothing else has a meaning.
constexpr auto identity_tables = std::to_array<SavedTable>({
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
constexpr auto state_tables = std::to_array<SavedTable>({
    {"anchors", "module, place, boot, at_us, at_utc_us, uncertainty_us, witness, commit_count, uptime_s, gc_tick, flags"},
    {"intents", "module, boot, at_us, at_utc_us, gc_tick, flags"},
});
constexpr auto history_tables = std::to_array<SavedTable>({
    {"resets", "id, module, boot, at_us, at_utc_us, is_trusted, uptime_s, reset_cause"},
    {"events", "id, boot, at_us, at_utc_us, is_trusted, module, channel, kind, text"},
    {"days", "id, qualities, import0, export0, import1, export1, import2, export2"},
});

/// A fault that says nothing about the file: to go on without it would throw away what is in it.
bool is_no_damage(const Error& error) {
  return error.is(Errc::ledger_full) || error.is(Errc::ledger_busy) || error.is(Errc::ledger_readonly);
}

/// Reads from the damaged file: false when that met damage.
template <class Work>
bool could_read(Work&& work) {
  const auto result = caught(std::forward<Work>(work));
  if (!result && is_no_damage(result.error())) throw Failure{result.error()};
  return result.has_value();
}

}  // namespace

std::unique_ptr<DamagedFile> DamagedFile::open(const std::string& path, Connection& fresh) {
  std::unique_ptr<Connection> old;
  if (!could_read([&] { old = std::make_unique<Connection>(path, Connection::Access::read_only); })) return nullptr;
  return std::unique_ptr<DamagedFile>{new DamagedFile{std::move(old), fresh}};
}

bool DamagedFile::copy(const SavedTable& table) {
  const std::string columns = table.columns;
  const auto width = static_cast<int>(std::count(columns.begin(), columns.end(), ',')) + 1;
  std::string places = "?";
  for (int column = 1; column < width; ++column) places += ", ?";
  Query insert{fresh_, "INSERT INTO " + std::string{table.name} + "(" + columns + ") VALUES(" + places + ")"};
  std::optional<Query> select;
  if (!could_read([&] { select.emplace(*old_, "SELECT " + columns + " FROM " + table.name); })) return false;
  Rows rows = select->select();
  for (;;) {
    bool has_row = false;
    if (!could_read([&] { has_row = rows.next(); })) return false;
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

DamagedFile::Extent DamagedFile::take_books(Registry& registry, Books& books) {
  bool is_readable = true;
  for (const auto& table : identity_tables) is_readable = is_readable && copy(table);
  if (is_readable) is_readable = caught([&] { registry.load(books); }).has_value();
  if (!is_readable) {
    books = Books{};
    for (const auto& table : identity_tables) fresh_.execute("DELETE FROM " + std::string{table.name});
    return Extent::nothing;
  }
  return follow_closings(registry, books) ? Extent::whole : Extent::up_to_break;
}

/// Registers as of the mark, then every closing after it that still follows from those before. False when it broke off.
bool DamagedFile::follow_closings(Registry& registry, Books& books) {
  std::optional<std::int64_t> mark;
  if (!could_read([&] { mark = old_->integer("SELECT rolled_up_through FROM book"); }) || !mark) return false;
  bool is_whole = true;
  // Those before the mark are in the registers already: when they cannot be read, there is only nothing to compare with.
  (void)could_read([&] { is_whole = !contradiction(*old_, books, *mark); });
  const bool was_read = could_read([&] {
    Query tail{*old_, tail_query()};
    for (Rows rows = tail.select(*mark); is_whole && rows.next();)
      is_whole = !follow(books, registry, read_closing(rows, old_->path()));
  });
  return was_read && is_whole;
}

void DamagedFile::take_chips(RoundWriter& writer, Books& books) {
  for (const auto& table : state_tables) copy(table);
  if (caught([&] { writer.load_chips(books); })) return;
  books.chips.clear();  // one of them names a chip that is not there: then none can be trusted
}

void DamagedFile::take_history() {
  for (const auto& table : history_tables) copy(table);
}

void DamagedFile::take_texts() { copy({"state", "name, value"}); }

std::optional<LedgerId> DamagedFile::id() {
  std::optional<LedgerId> id;
  (void)could_read([&] {
    Query select{*old_, "SELECT ledger_id FROM book"};
    Rows rows = select.select();
    if (rows.next()) id = rows.bytes<std::tuple_size_v<LedgerId>>(0);
  });
  return id;
}

std::uint16_t DamagedFile::gc_tick() {
  std::int64_t tick = metering::no_gc_tick;
  (void)could_read([&] { tick = old_->integer("SELECT gc_tick FROM intents WHERE module = 0").value_or(metering::no_gc_tick); });
  return tick >= 0 && tick < metering::no_gc_tick ? static_cast<std::uint16_t>(tick) : metering::no_gc_tick;
}

std::int64_t DamagedFile::last_round() {
  std::int64_t last = 0;
  for (const char* sql : {"SELECT rolled_up_through FROM book", "SELECT max(id) FROM rounds"})
    (void)could_read([&] { last = std::max(last, old_->integer(sql).value_or(0)); });
  return last;
}

}  // namespace rbamp::storage
