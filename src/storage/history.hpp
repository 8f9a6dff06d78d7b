// Sorts shares of energy into local buckets. Pure: no database here.
#pragma once

#include <map>
#include <vector>

#include "base/local_time.hpp"
#include "metering/split.hpp"
#include "storage/reader.hpp"

namespace rbamp::storage {

/// [begin, end) of the bucket that contains `when`.
[[nodiscard]] std::pair<UtcTime, UtcTime> bucket_at(const TimeZone& zone, Bucket bucket, UtcTime when);

/// True for buckets that are made of whole quarter hours rather than of whole days.
[[nodiscard]] constexpr bool is_within_day(Bucket bucket) { return bucket == Bucket::quarter_hour || bucket == Bucket::hour; }

class BarChart {
 public:
  BarChart(const TimeZone& zone, Bucket bucket, UtcTime from, UtcTime to) : zone_(zone), bucket_(bucket), from_(from), to_(to) {}

  /// Adds to the bucket that contains `when`, if that bucket begins in [from, to).
  void add(UtcTime when, MicroWattHours energy_import, MicroWattHours energy_export, std::uint8_t qualities);
  /// In time order.
  [[nodiscard]] std::vector<Bar> bars() const;

 private:
  TimeZone zone_;
  Bucket bucket_;
  UtcTime from_;
  UtcTime to_;
  std::map<UtcTime, Bar> bars_;
};

}  // namespace rbamp::storage
