#include "storage/closing_reader.hpp"

namespace rbamp::storage {

const std::string& closing_columns() {
  static const std::string columns =
      "r.boot, r.end_us, r.end_utc_us, r.day, r.label, c.id, c.mount, c.end_offset_us, c.length_us, c.quality, c.reason, "
      "c.flags, "
      "c.import_remainders, c.export_remainders, c.import0, c.export0, c.total_import0, c.total_export0, c.import1, c.export1, "
      "c.total_import1, c.total_export1, c.import2, c.export2, c.total_import2, c.total_export2";
  return columns;
}

ReadClosing read_closing(const Rows& rows, const std::string& path) {
  ReadClosing read;
  ClosingRow& row = read.row;
  row.id = rows.integer(5);
  row.mount = rows.integer(6);
  row.end_offset = Microseconds{rows.integer(7)};
  row.length = Microseconds{rows.integer(8)};
  const auto quality = metering::quality_from(rows.integer(9));
  const auto reason = metering::reason_from(rows.integer(10));
  if (!quality || !reason)
    fail_damaged(path, "closing " + std::to_string(row.id) + " has a quality or reason that does not exist");
  row.quality = *quality;
  row.reason = *reason;
  row.flags = rows.integer(11);
  row.import_remainders = unpack_remainders(rows.integer(12));
  row.export_remainders = unpack_remainders(rows.integer(13));
  for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
    const int first = 14 + 4 * static_cast<int>(slot);
    if (rows.is_null(first)) continue;
    row.slots[slot] = SlotAmounts{MicroWattHours{rows.integer(first)}, MicroWattHours{rows.integer(first + 1)},
                                  MicroWattHours{rows.integer(first + 2)}, MicroWattHours{rows.integer(first + 3)}};
  }
  read.end = {rows.integer(0), BootTime{Microseconds{rows.integer(1)} + row.end_offset},
              UtcTime{Microseconds{rows.integer(2)} + row.end_offset}, static_cast<std::int32_t>(rows.integer(3)),
              rows.integer(4)};
  return read;
}

}  // namespace rbamp::storage
