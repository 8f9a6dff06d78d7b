// What a ledger of 48 channels costs after years: on the disk, per round, and when it is asked.
#pragma once

#include <cstdint>

namespace rbamp::bench {

struct LedgerReport {
  // After a year of one round a minute, with the retention that is the default.
  double file_mb = 0.0;
  std::uint64_t postings_booked = 0;
  std::uint64_t postings_kept = 0;        ///< not folded yet: the last 90 days
  double bytes_per_posting_booked = 0.0;  ///< whole file by all postings of the year
  double bytes_per_posting_kept = 0.0;    ///< whole file, quarter hours and days included, by the postings in it
  double bytes_per_posting_row = 0.0;     ///< closings and rounds only, with their index, by the postings in them
  double year_s = 0.0;                    ///< wall time of the year

  // Of the last day of that year, copying the log and upkeep included.
  double written_per_round = 0.0;  ///< bytes handed to the file system
  double rows_per_round = 0.0;     ///< the payload of the rows that a round adds or changes
  double syncs_per_round = 0.0;    ///< of commits; copying the log is counted beside
  double cpu_ms_per_round = 0.0;

  // With nine more years of days and four more of quarter hours before it. Median of all channels; cold: the file was just
  // dropped from the page cache.
  double ten_years_mb = 0.0;
  double open_ms = 0.0;
  double open_cold_ms = 0.0;
  double day_in_quarter_hours_ms = 0.0;
  double day_in_quarter_hours_cold_ms = 0.0;
  double year_in_days_ms = 0.0;
  double year_in_days_cold_ms = 0.0;
};

/// Takes about three minutes and 300 MB below the temporary directory. Throws std::runtime_error.
[[nodiscard]] LedgerReport run_ledger_years();

}  // namespace rbamp::bench
