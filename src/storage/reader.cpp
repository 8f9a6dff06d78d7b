#include "storage/reader.hpp"

#include <algorithm>

#include "storage/closing_reader.hpp"
#include "storage/history.hpp"
#include "storage/read_connection.hpp"
#include "storage/rollup.hpp"
#include "storage/schema.hpp"

namespace rbamp::storage {
namespace {

const std::string joined_rounds = " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 ";

/// Columns of quarter_hours and days for one slot, chosen by parameter 2.
std::string slot_sums(const std::string& table) {
  return "SELECT qualities, CASE ?2 WHEN 0 THEN import0 WHEN 1 THEN import1 ELSE import2 END, "
         "CASE ?2 WHEN 0 THEN export0 WHEN 1 THEN export1 ELSE export2 END FROM " +
         table + " WHERE id = ?1";
}

/// The whole seconds that a stretch of time touches, in microseconds: the first one's begin, the last one's end.
std::pair<std::int64_t, std::int64_t> seconds_around(UtcTime from, UtcTime to) {
  using std::chrono::seconds;
  const UtcTime first = std::chrono::floor<seconds>(from);
  const UtcTime end = std::chrono::floor<seconds>(to) + seconds{1};
  return {first.time_since_epoch().count(), end.time_since_epoch().count()};
}

struct Slot {
  std::int64_t mount = 0;
  std::int64_t slot = 0;
};

std::vector<Slot> slots_of(Connection& connection, metering::ChannelKey channel) {
  Query find{connection, "SELECT mount, slot FROM mount_channels WHERE channel = ?"};
  std::vector<Slot> slots;
  for (Rows rows = find.select(static_cast<std::int64_t>(channel)); rows.next();)
    slots.push_back({rows.integer(0), rows.integer(1)});
  return slots;
}

/// The mount under which a place, or a channel of it, was metered last.
std::optional<std::int64_t> newest_mount(Connection& connection, const std::string& place, const std::string& channel) {
  Query find{connection,
             "SELECT t.id FROM mounts t JOIN places p ON p.id = t.place WHERE p.name = ?1 AND (?2 = '' OR EXISTS(SELECT 1 FROM "
             "mount_channels mc JOIN channels c ON c.id = mc.channel WHERE mc.mount = t.id AND c.name = ?2)) ORDER BY t.id DESC"};
  std::vector<std::int64_t> candidates;
  for (Rows rows = find.select(std::string_view{place}, std::string_view{channel}); rows.next();)
    candidates.push_back(rows.integer(0));
  if (candidates.size() > 1) {
    // A chip that came back meters under its old mount. From the end of the ledger: mostly the first rows answer.
    Query newest{connection, "SELECT mount FROM closings WHERE quality <> 4 ORDER BY id DESC"};
    for (Rows rows = newest.select(); rows.next();) {
      const auto found = std::find(candidates.begin(), candidates.end(), rows.integer(0));
      if (found != candidates.end()) return *found;
    }
  }
  return candidates.empty() ? std::nullopt : std::optional{candidates.front()};
}

/// Closings that are in no quarter hour yet: a quarter of an hour of them, or those whose labels wait for the clock.
void add_waiting(Rows rows, const std::string& path, const std::vector<Slot>& slots, const TimeZone& zone, BarChart& chart) {
  while (rows.next()) {
    const auto closing = read_closing(rows, path);
    for (const auto& [mount, slot] : slots) {
      const auto& amounts = closing.row.slots[static_cast<std::size_t>(slot)];
      if (closing.row.mount != mount || !amounts) continue;
      for (const auto& slice : metering::slices_of(zone, closing.end.utc, closing.row.length)) {
        chart.add(slice.quarter.begin, metering::share_of(amounts->energy_import, slice, closing.row.length),
                  metering::share_of(amounts->energy_export, slice, closing.row.length), closing.row.qualities());
      }
    }
  }
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path, const TimeZone& zone) {
  return caught([&] {
    auto connection = open_to_read(path);
    require_known_schema(*connection);
    return std::unique_ptr<Reader>{new Reader{std::move(connection), zone}};
  });
}

Reader::Reader(std::unique_ptr<Connection> connection, const TimeZone& zone)
    : connection_(std::move(connection)),
      zone_(zone),
      quarter_(*connection_, slot_sums("quarter_hours")),
      day_(*connection_, slot_sums("days")),
      waiting_(*connection_, "SELECT " + closing_columns() + joined_rounds +
                                 "WHERE r.id > (SELECT rolled_up_through FROM book) AND r.label <> 0 UNION ALL SELECT " +
                                 closing_columns() + joined_rounds + "WHERE r.label = 0"),
      between_(
          *connection_,
          "SELECT " + closing_columns() +
              ", x.text FROM (SELECT * FROM rounds WHERE id >= ?3 >> 8 AND end_utc_us >= ?1 AND end_utc_us < ?2 ORDER BY id) r "
              "CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 "
              "LEFT JOIN remarks x ON x.closing = c.id WHERE c.id > ?3 AND r.end_utc_us + c.end_offset_us > ?5 "
              "AND r.end_utc_us + c.end_offset_us <= ?6 LIMIT ?4"),
      after_(*connection_,
             "SELECT " + closing_columns() + ", x.text" + joined_rounds +
                 "LEFT JOIN remarks x ON x.closing = c.id WHERE r.id >= ?1 >> 8 AND c.id > ?1 ORDER BY r.id LIMIT ?2") {}

Result<std::vector<ChannelSummary>> Reader::channels() {
  return caught([&] {
    Transaction transaction{*connection_, Transaction::Kind::read};
    std::map<std::int64_t, ChannelSummary> found;
    Query registers{*connection_,
                    "SELECT c.id, p.name, c.name, c.input, c.since_utc_us, r.total_import, r.total_export FROM channels c "
                    "JOIN places p ON p.id = c.place JOIN registers r ON r.channel = c.id"};
    for (Rows rows = registers.select(); rows.next();) {
      found[rows.integer(0)] = {metering::ChannelKey{rows.integer(0)},
                                rows.text(1),
                                rows.text(2),
                                ChannelIndex{static_cast<std::uint8_t>(rows.integer(3))},
                                UtcTime{Microseconds{rows.integer(4)}},
                                MicroWattHours{rows.integer(5)},
                                MicroWattHours{rows.integer(6)}};
    }
    Query slots{*connection_, "SELECT mount, slot, channel FROM mount_channels"};
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> channel_of;
    for (Rows rows = slots.select(); rows.next();) channel_of[{rows.integer(0), rows.integer(1)}] = rows.integer(2);
    Query newer{*connection_, "SELECT " + closing_columns() + joined_rounds +
                                  "WHERE r.id > (SELECT rolled_up_through FROM book) ORDER BY r.id"};
    for (Rows rows = newer.select(); rows.next();) {
      const auto closing = read_closing(rows, connection_->path());
      for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
        const auto channel = channel_of.find({closing.row.mount, static_cast<std::int64_t>(slot)});
        if (!closing.row.slots[slot] || channel == channel_of.end()) continue;
        found.at(channel->second).total_import = closing.row.slots[slot]->total_import;
        found.at(channel->second).total_export = closing.row.slots[slot]->total_export;
      }
    }
    std::vector<ChannelSummary> channels;
    channels.reserve(found.size());
    for (auto& entry : found) channels.push_back(std::move(entry.second));
    std::stable_sort(channels.begin(), channels.end(),
                     [](const auto& a, const auto& b) { return std::tie(a.module, a.input) < std::tie(b.module, b.input); });
    return channels;
  });
}

Result<std::vector<Bar>> Reader::history(metering::ChannelKey channel, Bucket bucket, UtcTime from, UtcTime to) {
  return caught([&] {
    Transaction transaction{*connection_, Transaction::Kind::read};
    BarChart chart{zone_, bucket, from, to};
    const auto slots = slots_of(*connection_, channel);
    // A bucket belongs to the answer when it begins in [from, to); its end may lie behind `to`.
    const UtcTime end = from < to ? bucket_at(zone_, bucket, to - Microseconds{1}).second : from;
    Query& sums = is_within_day(bucket) ? quarter_ : day_;
    const auto add = [&](std::int64_t id, std::int64_t slot, UtcTime when) {
      Rows rows = sums.select(id, slot);
      if (rows.next()) {
        chart.add(when, MicroWattHours{rows.integer(1)}, MicroWattHours{rows.integer(2)},
                  static_cast<std::uint8_t>(rows.integer(0)));
      }
    };
    if (is_within_day(bucket)) {
      for (auto quarter = metering::quarter_hour_at(zone_, from); quarter.begin < end;
           quarter = metering::quarter_hour_at(zone_, quarter.end)) {
        for (const auto& [mount, slot] : slots) add(quarter_hour_id(quarter.begin, mount), slot, quarter.begin);
      }
    } else {
      for (UtcTime day = zone_.day_begin(from); day < end; day = zone_.next_day_begin(day)) {
        for (const auto& [mount, slot] : slots) add(day_id(zone_.local_day(day), mount), slot, day);
      }
    }
    add_waiting(waiting_.select(), connection_->path(), slots, zone_, chart);
    return chart.bars();
  });
}

Result<std::vector<LedgerLine>> Reader::lines(UtcTime from, UtcTime to, std::int64_t after, std::size_t limit) {
  return caught([&] {
    Transaction transaction{*connection_, Transaction::Kind::read};
    // A round's lines end in the same second; the exact bounds are checked line by line.
    const auto [first, end] = seconds_around(from, to);
    Rows rows = between_.select(first, end, after, static_cast<std::int64_t>(limit), from.time_since_epoch().count(),
                                to.time_since_epoch().count());
    return read_lines(rows);
  });
}

Result<std::vector<LedgerLine>> Reader::lines_after(std::int64_t after, std::size_t limit) {
  return caught([&] {
    Transaction transaction{*connection_, Transaction::Kind::read};
    Rows rows = after_.select(after, static_cast<std::int64_t>(limit));
    return read_lines(rows);
  });
}

Result<std::int64_t> Reader::before_newest(std::int64_t rounds) {
  return caught([&] {
    const auto newest = connection_->integer("SELECT max(id) FROM rounds").value_or(0);
    return (std::max(newest - rounds, std::int64_t{0}) << 8) | 255;
  });
}

std::vector<LedgerLine> Reader::read_lines(Rows& rows) {
  struct Owner {
    std::string module;
    std::string channel;
    ModuleUid chip;
  };
  std::map<std::pair<std::int64_t, std::size_t>, Owner> owners;  // by mount and slot; new ones may appear at any time
  Query all{*connection_,
            "SELECT mc.mount, mc.slot, p.name, c.name, m.uid FROM mount_channels mc JOIN mounts t ON t.id = mc.mount "
            "JOIN modules m ON m.id = t.module JOIN channels c ON c.id = mc.channel JOIN places p ON p.id = c.place"};
  for (Rows owner = all.select(); owner.next();) {
    owners[{owner.integer(0), static_cast<std::size_t>(owner.integer(1))}] = {owner.text(2), owner.text(3),
                                                                              ModuleUid{owner.bytes<ModuleUid::size>(4)}};
  }
  std::vector<LedgerLine> lines;
  while (rows.next()) {
    const auto closing = read_closing(rows, connection_->path());
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      const auto owner = owners.find({closing.row.mount, slot});
      if (!closing.row.slots[slot] || owner == owners.end()) continue;
      const auto& amounts = *closing.row.slots[slot];
      lines.push_back({closing.row.id, owner->second.module, owner->second.channel, owner->second.chip, closing.end.utc,
                       closing.end.label == label_state::trusted, closing.row.length, closing.row.quality, closing.row.reason,
                       amounts.energy_import, amounts.energy_export, amounts.total_import, amounts.total_export,
                       closing.row.export_is_estimated(slot),
                       rows.is_null(closing_column_count) ? std::string{} : rows.text(closing_column_count),
                       closing.end.label == label_state::untrusted, closing.end.boot, closing.row.begins_in_other_boot(),
                       closing.row.export_source(slot)});
    }
  }
  return lines;
}

Result<std::optional<IdRange>> Reader::ids_between(UtcTime from, UtcTime to) {
  return caught([&]() -> std::optional<IdRange> {
    Query range{*connection_, "SELECT min(id), max(id) FROM rounds WHERE end_utc_us >= ? AND end_utc_us < ?"};
    const auto [first, end] = seconds_around(from, to);
    Rows rows = range.select(first, end);
    if (!rows.next() || rows.is_null(0)) return std::nullopt;
    return IdRange{rows.integer(0) << 8, (rows.integer(1) << 8) | 255};
  });
}

Result<bool> Reader::has_folded_lines() {
  return caught([&] { return connection_->integer("SELECT folded_through FROM book").value_or(0) > 0; });
}

Result<std::optional<metering::AccountRequest>> Reader::account_request(const std::string& place, const std::string& channel) {
  return caught([&]() -> std::optional<metering::AccountRequest> {
    Transaction transaction{*connection_, Transaction::Kind::read};
    const auto mount = newest_mount(*connection_, place, channel);
    if (!mount) return std::nullopt;
    metering::AccountRequest request;
    request.place_id = place;
    Query chip{*connection_, "SELECT m.uid FROM mounts t JOIN modules m ON m.id = t.module WHERE t.id = ?"};
    for (Rows rows = chip.select(*mount); rows.next();) request.uid = ModuleUid{rows.bytes<ModuleUid::size>(0)};
    Query channels{*connection_,
                   "SELECT c.input, c.name FROM mount_channels mc JOIN channels c ON c.id = mc.channel WHERE mc.mount = ? "
                   "ORDER BY mc.slot"};
    for (Rows rows = channels.select(*mount); rows.next();)
      request.channels.push_back({ChannelIndex{static_cast<std::uint8_t>(rows.integer(0))}, rows.text(1)});
    return request;
  });
}

Result<std::vector<StoredEvent>> Reader::events(std::int64_t after, std::size_t limit) {
  return caught([&] {
    Query newest{*connection_,
                 "SELECT * FROM (SELECT id, at_utc_us, module, channel, kind, text FROM events WHERE id > ? ORDER BY id DESC "
                 "LIMIT ?) ORDER BY id"};
    std::vector<StoredEvent> events;
    for (Rows rows = newest.select(after, static_cast<std::int64_t>(limit)); rows.next();) {
      events.push_back(
          {rows.integer(0), UtcTime{Microseconds{rows.integer(1)}}, rows.text(2), rows.text(3), rows.text(4), rows.text(5)});
    }
    return events;
  });
}

Result<std::optional<std::string>> Reader::state(std::string_view name) {
  return caught([&]() -> std::optional<std::string> {
    Query select{*connection_, "SELECT CAST(value AS TEXT) FROM state WHERE name = ?"};
    Rows rows = select.select(name);
    if (!rows.next()) return std::nullopt;
    return rows.text(0);
  });
}

}  // namespace rbamp::storage
