#include "storage/round_writer.hpp"

namespace rbamp::storage {
namespace {

using metering::Anchor;
using metering::Intent;
using metering::ModuleKey;

// Resets happen a few times a year on a healthy site; the bound is for a module with a bad supply.
constexpr std::int64_t kept_resets = 10'000;
constexpr std::int64_t fleet_row = 0;

std::int64_t number(ModuleKey key) { return static_cast<std::int64_t>(key); }
std::int64_t microseconds(UtcTime when) { return when.time_since_epoch().count(); }
std::int64_t microseconds(BootTime when) { return when.time_since_epoch().count(); }
BootTime boot_time(std::int64_t value) { return BootTime{Microseconds{value}}; }
UtcTime utc_time(std::int64_t value) { return UtcTime{Microseconds{value}}; }

}  // namespace

RoundWriter::RoundWriter(Connection& connection, Registry& registry)
    : connection_(connection),
      registry_(registry),
      insert_round_(connection, "INSERT INTO rounds(id, boot, end_us, end_utc_us, day, label) VALUES(?, ?, ?, ?, ?, ?)"),
      insert_closing_(connection,
                      "INSERT INTO closings(id, mount, end_offset_us, length_us, quality, reason, flags, import_remainders, "
                      "export_remainders, "
                      "import0, export0, total_import0, total_export0, import1, export1, total_import1, total_export1, "
                      "import2, export2, total_import2, total_export2) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                      "?, ?, ?, ?)"),
      insert_remark_(connection, "INSERT INTO remarks(closing, text) VALUES(?, ?)"),
      // An upsert changes the row in place; INSERT OR REPLACE would move it and touch more pages.
      upsert_anchor_(connection,
                     "INSERT INTO anchors(module, place, boot, at_us, at_utc_us, uncertainty_us, witness, commit_count, "
                     "uptime_s, gc_tick, flags) "
                     "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(module) DO UPDATE SET place = excluded.place, boot = "
                     "excluded.boot, "
                     "at_us = excluded.at_us, at_utc_us = excluded.at_utc_us, uncertainty_us = excluded.uncertainty_us, witness "
                     "= excluded.witness, "
                     "commit_count = excluded.commit_count, uptime_s = excluded.uptime_s, gc_tick = excluded.gc_tick, flags = "
                     "excluded.flags"),
      upsert_intent_(
          connection,
          "INSERT INTO intents(module, boot, at_us, at_utc_us, gc_tick, flags) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(module) DO "
          "UPDATE "
          "SET boot = excluded.boot, at_us = excluded.at_us, at_utc_us = excluded.at_utc_us, gc_tick = excluded.gc_tick, "
          "flags = excluded.flags"),
      delete_intent_(connection, "DELETE FROM intents WHERE module = ?"),
      insert_reset_(
          connection,
          "INSERT INTO resets(module, boot, at_us, at_utc_us, is_trusted, uptime_s, reset_cause) VALUES(?, ?, ?, ?, ?, ?, ?)"),
      select_tick_(connection, "SELECT gc_tick FROM intents WHERE module = 0") {}

void RoundWriter::write(const RoundRow& round, std::int32_t day) {
  insert_round_.run(round.id, registry_.boot_number(round.end.boot), microseconds(round.end.at), microseconds(round.end.utc),
                    std::int64_t{day}, std::int64_t{round.end.utc_is_trusted ? 1 : 0});
}

void RoundWriter::write(const StagedRound::Line& line) {
  const ClosingRow& row = line.row;
  int index = 0;
  for (const std::int64_t value : {row.id, row.mount, row.end_offset.count(), row.length.count(),
                                   static_cast<std::int64_t>(row.quality), static_cast<std::int64_t>(row.reason), row.flags,
                                   pack_remainders(row.import_remainders), pack_remainders(row.export_remainders)}) {
    insert_closing_.bind(++index, value);
  }
  for (const auto& slot : row.slots) {
    if (slot) {
      insert_closing_.bind(++index, slot->energy_import.value());
      insert_closing_.bind(++index, slot->energy_export.value());
      insert_closing_.bind(++index, slot->total_import.value());
      insert_closing_.bind(++index, slot->total_export.value());
    } else {
      for (int column = 0; column < 4; ++column) insert_closing_.bind_null(++index);
    }
  }
  insert_closing_.execute();
  if (!line.note.empty()) insert_remark_.run(row.id, line.note);
}

void RoundWriter::write_anchor(ModuleKey module, metering::PlaceKey place, const Anchor& anchor) {
  const std::int64_t flags = (anchor.at.utc_is_trusted ? anchor_flag::utc_is_trusted : 0) |
                             (anchor.is_valid_snapshot ? anchor_flag::is_valid_snapshot : 0) |
                             (anchor.is_reset_pending ? anchor_flag::is_reset_pending : 0);
  upsert_anchor_.run(number(module), static_cast<std::int64_t>(place), registry_.boot_number(anchor.at.boot),
                     microseconds(anchor.at.at), microseconds(anchor.at.utc), anchor.uncertainty.count(), Bytes{anchor.witness},
                     std::int64_t{anchor.commit_count}, std::int64_t{anchor.uptime_s}, std::int64_t{anchor.gc_tick}, flags);
}

void RoundWriter::write_intent(ModuleKey module, const Intent& intent) {
  const std::int64_t flags = (intent.at.utc_is_trusted ? intent_flag::utc_is_trusted : 0) |
                             (intent.kind == metering::LatchKind::broadcast ? intent_flag::broadcast : 0) |
                             (intent.is_armed ? intent_flag::armed : 0) |
                             (intent.reset_was_cleared ? intent_flag::reset_was_cleared : 0);
  upsert_intent_.run(number(module), registry_.boot_number(intent.at.boot), microseconds(intent.at.at),
                     microseconds(intent.at.utc), std::int64_t{intent.gc_tick}, flags);
}

void RoundWriter::remove_intent(ModuleKey module) { delete_intent_.run(number(module)); }

void RoundWriter::write_reset(ModuleKey module, const metering::ResetSeen& reset) {
  insert_reset_.run(number(module), registry_.boot_number(reset.at.boot), microseconds(reset.at.at), microseconds(reset.at.utc),
                    std::int64_t{reset.at.utc_is_trusted ? 1 : 0}, std::int64_t{reset.uptime_s}, std::int64_t{reset.reset_cause});
  connection_.execute("DELETE FROM resets WHERE id <= (SELECT max(id) FROM resets) - " + std::to_string(kept_resets));
}

void RoundWriter::write_gc_tick(std::uint16_t tick) {
  upsert_intent_.run(fleet_row, std::int64_t{0}, std::int64_t{0}, std::int64_t{0}, std::int64_t{tick}, std::int64_t{0});
}

void RoundWriter::write_chips(const Books& books) {
  connection_.execute("DELETE FROM anchors");
  connection_.execute("DELETE FROM intents WHERE module <> " + std::to_string(fleet_row));
  for (const auto& [module, chip] : books.chips) {
    if (chip.anchor) write_anchor(module, chip.place, *chip.anchor);
    if (chip.intent) write_intent(module, *chip.intent);
  }
}

void RoundWriter::load_chips(Books& books) {
  Query anchors{connection_,
                "SELECT module, place, boot, at_us, at_utc_us, uncertainty_us, witness, commit_count, uptime_s, gc_tick, flags "
                "FROM anchors"};
  for (Rows rows = anchors.select(); rows.next();) {
    const ModuleKey module{rows.integer(0)};
    auto& chip = books.chips[module];
    chip.place = metering::PlaceKey{rows.integer(1)};
    if (!books.modules.contains(module) || !books.places.contains(chip.place))
      fail_damaged(connection_.path(),
                   "the anchor of module " + std::to_string(rows.integer(0)) + " names rows that are not there");
    chip.anchor = anchor_from(rows);
  }
  Query intents{connection_, "SELECT module, boot, at_us, at_utc_us, gc_tick, flags FROM intents WHERE module <> 0"};
  for (Rows rows = intents.select(); rows.next();) {
    const ModuleKey module{rows.integer(0)};
    if (!books.modules.contains(module))
      fail_damaged(connection_.path(),
                   "the intent of module " + std::to_string(rows.integer(0)) + " names a row that is not there");
    books.chips[module].intent = intent_from(rows);
  }
}

Anchor RoundWriter::anchor_from(const Rows& rows) {
  const std::int64_t flags = rows.integer(10);
  Anchor anchor;
  anchor.at = {registry_.boot_of(rows.integer(2)), boot_time(rows.integer(3)), utc_time(rows.integer(4)),
               (flags & anchor_flag::utc_is_trusted) != 0};
  anchor.uncertainty = Microseconds{rows.integer(5)};
  anchor.witness = rows.bytes<std::tuple_size_v<metering::SnapshotWitness>>(6);
  anchor.commit_count = static_cast<std::uint32_t>(rows.integer(7));
  anchor.uptime_s = static_cast<std::uint32_t>(rows.integer(8));
  anchor.gc_tick = static_cast<std::uint16_t>(rows.integer(9));
  anchor.is_valid_snapshot = (flags & anchor_flag::is_valid_snapshot) != 0;
  anchor.is_reset_pending = (flags & anchor_flag::is_reset_pending) != 0;
  return anchor;
}

Intent RoundWriter::intent_from(const Rows& rows) {
  const std::int64_t flags = rows.integer(5);
  return {{registry_.boot_of(rows.integer(1)), boot_time(rows.integer(2)), utc_time(rows.integer(3)),
           (flags & intent_flag::utc_is_trusted) != 0},
          (flags & intent_flag::broadcast) != 0 ? metering::LatchKind::broadcast : metering::LatchKind::direct,
          static_cast<std::uint16_t>(rows.integer(4)),
          (flags & intent_flag::armed) != 0,
          (flags & intent_flag::reset_was_cleared) != 0};
}

std::uint16_t RoundWriter::load_gc_tick() {
  Rows rows = select_tick_.select();
  return rows.next() ? static_cast<std::uint16_t>(rows.integer(0)) : metering::no_gc_tick;
}

}  // namespace rbamp::storage
