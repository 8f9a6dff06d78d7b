#include "storage/rollup.hpp"

namespace rbamp::storage {
namespace {

// Bounds the memory of a correction that touches months at once.
constexpr std::size_t most_sums = 8192;

std::string upsert_into(const std::string& table) {
  return "INSERT INTO " + table +
         "(id, qualities, import0, export0, import1, export1, import2, export2) VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) "
         "DO UPDATE SET "
         "qualities = qualities | excluded.qualities, import0 = import0 + excluded.import0, export0 = export0 + "
         "excluded.export0, "
         "import1 = import1 + excluded.import1, export1 = export1 + excluded.export1, import2 = import2 + excluded.import2, "
         "export2 = export2 + excluded.export2";
}

}  // namespace

RollUp::RollUp(Connection& connection, const TimeZone& zone)
    : connection_(connection),
      zone_(zone),
      select_(connection, "SELECT " + closing_columns() +
                              " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 "
                              "WHERE r.id BETWEEN ? AND ? AND r.label <> 0 ORDER BY r.id"),
      upsert_quarter_(connection, upsert_into("quarter_hours")),
      upsert_day_(connection, upsert_into("days")) {}

metering::QuarterHour RollUp::quarter_of(UtcTime end, Microseconds length) {
  // The instant at which a period ends is no longer part of it; an adjustment has only that instant.
  const UtcTime inside = length > Microseconds::zero() ? end - Microseconds{1} : end;
  if (!recent_.contains(inside)) recent_ = metering::quarter_hour_at(zone_, inside);
  return recent_;
}

void RollUp::add_rounds(std::int64_t first, std::int64_t last) {
  // What a failed transaction left behind belongs to nobody.
  quarters_.clear();
  days_.clear();
  for (Rows rows = select_.select(first, last); rows.next();) {
    add(read_closing(rows, connection_.path()));
    if (quarters_.size() + days_.size() >= most_sums) store();
  }
  store();
}

void RollUp::add(const ReadClosing& closing) {
  const auto& [row, end] = closing;
  if (row.quality == metering::Quality::gap) {
    add_gap(closing);
    return;
  }
  const auto quarter = quarter_of(end.utc, row.length);
  if (is_within(quarter, end.utc, row.length)) {
    add_share(closing, {quarter, Microseconds::zero(), row.length});
    return;
  }
  for (const auto& slice : metering::slices_of(zone_, end.utc, row.length)) add_share(closing, slice);
}

/// A gap brings no energy, only the mark that something is missing. It may last for months: the days carry the mark, and of the
/// quarter hours the two that are partly covered; those between have no row, which says the same.
void RollUp::add_gap(const ReadClosing& closing) {
  const auto& [row, end] = closing;
  const UtcTime begin = end.utc - row.length;
  const auto first = metering::quarter_hour_at(zone_, begin);
  const auto last = quarter_of(end.utc, row.length);
  quarters_[quarter_hour_id(first.begin, row.mount)].qualities |= row.qualities();
  quarters_[quarter_hour_id(last.begin, row.mount)].qualities |= row.qualities();
  for (auto day = first.day; day <= last.day; ++day) days_[day_id(day, row.mount)].qualities |= row.qualities();
}

void RollUp::add_share(const ReadClosing& closing, const metering::Slice& slice) {
  const auto& row = closing.row;
  auto& quarter = quarters_[quarter_hour_id(slice.quarter.begin, row.mount)];
  auto& day = days_[day_id(slice.quarter.day, row.mount)];
  quarter.qualities |= row.qualities();
  day.qualities |= row.qualities();
  for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
    if (!row.slots[slot]) continue;
    const auto energy_import = metering::share_of(row.slots[slot]->energy_import, slice, row.length).value();
    const auto energy_export = metering::share_of(row.slots[slot]->energy_export, slice, row.length).value();
    quarter.energy_import[slot] += energy_import;
    quarter.energy_export[slot] += energy_export;
    day.energy_import[slot] += energy_import;
    day.energy_export[slot] += energy_export;
  }
}

void RollUp::store() {
  store(upsert_quarter_, quarters_);
  store(upsert_day_, days_);
}

void RollUp::store(Query& upsert, std::map<std::int64_t, Sums>& sums) {
  for (const auto& [id, sum] : sums) {
    upsert.run(id, sum.qualities, sum.energy_import[0], sum.energy_export[0], sum.energy_import[1], sum.energy_export[1],
               sum.energy_import[2], sum.energy_export[2]);
  }
  sums.clear();
}

}  // namespace rbamp::storage
