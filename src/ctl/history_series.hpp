// What `rbampctl history` shows: bars of energy per channel, or of several channels together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/channel_choice.hpp"
#include "ctl/quality_text.hpp"
#include "storage/reader.hpp"

namespace rbamp::ctl {

/// nullopt stands for single periods: what the ledger's lines say, one by one.
using Resolution = std::optional<storage::Bucket>;

[[nodiscard]] std::vector<std::string> resolution_names();
/// "period", "quarter-hour", "hour", "day", "month", "year". Error request_invalid.
[[nodiscard]] Result<Resolution> resolution_from(std::string_view name);
[[nodiscard]] std::string to_string(const Resolution& resolution);

struct Series {
  std::string name;                   ///< "mains/house", or "load" for the sum of a role
  std::vector<std::string> channels;  ///< that are in it: "mains/house"
  metering::Role role = metering::Role::other;
  UtcTime since{};                 ///< when its first register was made
  std::vector<storage::Bar> bars;  ///< in time order

  [[nodiscard]] bool is_sum() const { return channels.size() > 1; }
};

struct HistoryQuestion {
  Resolution resolution;
  UtcTime from{};  ///< begin of a bucket: see aligned()
  UtcTime to{};
};

/// The same question with `from` at the begin of the bucket that contains it.
[[nodiscard]] HistoryQuestion aligned(HistoryQuestion question, const TimeZone& zone);
/// Where a history begins when nobody says: an hour of periods, today by hours, 30 days, 12 months, all years since `since`.
[[nodiscard]] UtcTime usual_begin(const Resolution& resolution, UtcTime now, UtcTime since, const TimeZone& zone);

/// One series per channel. Single periods are those that ended in (from, to], at most `most_periods` of them.
/// Blocks for the disk. Errors: those of storage::Reader; request_invalid for too many periods.
[[nodiscard]] Result<std::vector<Series>> read_history(storage::Reader& reader, const std::vector<ChosenChannel>& channels,
                                                       const HistoryQuestion& question);
inline constexpr std::size_t most_periods = 200'000;

/// Adds series up, bar by bar. Only channels of one role belong together: the energy of a roof and of a kettle have no sum.
/// Single periods have none either: those of different modules do not end at the same instant.
/// Errors: request_invalid.
[[nodiscard]] Result<Series> sum_of(const std::vector<Series>& series, const Resolution& resolution);

/// A bar as a person sees it: also buckets that the ledger knows nothing of.
struct ShownBar {
  UtcTime begin;
  UtcTime end;
  std::optional<MicroWattHours> energy_import;  ///< none: not metered (a gap in `qualities`), or not booked yet
  std::optional<MicroWattHours> energy_export;
  QualityBits qualities = 0;
  bool is_running = false;  ///< its end is still to come
};
[[nodiscard]] std::vector<ShownBar> shown_bars(const Series& series, const HistoryQuestion& question, UtcTime now,
                                               const TimeZone& zone);

}  // namespace rbamp::ctl
