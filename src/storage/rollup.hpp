// Adds closings to local quarter hours and local days.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "base/local_time.hpp"
#include "metering/split.hpp"
#include "storage/closing_reader.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

/// Ids of rows of quarter_hours and days.
[[nodiscard]] constexpr std::int64_t quarter_hour_id(UtcTime begin, std::int64_t mount) {
  return (begin.time_since_epoch().count() / 60'000'000) << 16 | mount;
}
[[nodiscard]] constexpr std::int64_t day_id(std::int32_t day, std::int64_t mount) { return std::int64_t{day} << 16 | mount; }

/// Collects sums in memory and writes them with `store`. Blocks for the disk; throws Failure; the caller opens transactions.
class RollUp {
 public:
  RollUp(Connection& connection, const TimeZone& zone);

  /// Adds every closing of the rounds [first, last] whose label is settled, and stores the sums.
  void add_rounds(std::int64_t first, std::int64_t last);

  /// True when the period lies within `quarter`, so that rolling it up can wait for the end of that quarter hour.
  [[nodiscard]] static bool is_within(const metering::QuarterHour& quarter, UtcTime end, Microseconds length) {
    return quarter.begin <= end - length && end <= quarter.end;
  }
  /// The quarter hour in which a period ends: the one that it fills last.
  [[nodiscard]] metering::QuarterHour quarter_of(UtcTime end, Microseconds length);

 private:
  struct Sums {
    std::int64_t qualities = 0;
    std::array<std::int64_t, slots_per_row> energy_import{};
    std::array<std::int64_t, slots_per_row> energy_export{};
  };

  void add(const ReadClosing& closing);
  void add_gap(const ReadClosing& closing);
  void add_share(const ReadClosing& closing, const metering::Slice& slice);
  void store();
  void store(Query& upsert, std::map<std::int64_t, Sums>& sums);

  Connection& connection_;
  TimeZone zone_;
  Query select_;
  Query upsert_quarter_;
  Query upsert_day_;
  metering::QuarterHour recent_;  // closings come in time order: the next one is mostly in the same quarter hour
  std::map<std::int64_t, Sums> quarters_;
  std::map<std::int64_t, Sums> days_;
};

}  // namespace rbamp::storage
