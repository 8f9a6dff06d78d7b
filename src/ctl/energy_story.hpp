// How a stretch of one channel's energy came about: lines of the ledger, what is left of lines that were rolled up, and events.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ctl/channel_choice.hpp"
#include "ctl/time_text.hpp"
#include "storage/reader.hpp"

namespace rbamp::ctl {

/// A time of which only a sum is kept.
struct RolledUp {
  storage::Bucket bucket = storage::Bucket::quarter_hour;
  std::vector<storage::Bar> bars;
};

struct EnergyStory {
  TimeSpan asked;
  std::vector<storage::LedgerLine> lines;    ///< that overlap the time asked for, in ledger order
  std::optional<TimeSpan> without_lines;     ///< the part before the first line that is kept
  std::optional<RolledUp> rolled_up;         ///< what is known of that part
  std::optional<UtcTime> not_closed_since;   ///< the part after the newest line of all: its period is still open
  std::vector<storage::StoredEvent> events;  ///< of the module, within the time asked for
};

/// Blocks for the disk. Errors: those of storage::Reader; request_invalid when there are more than `most_lines`.
[[nodiscard]] Result<EnergyStory> tell_story(storage::Reader& reader, const ChosenChannel& channel, const TimeSpan& asked,
                                             UtcTime now);
inline constexpr std::size_t most_lines = 200'000;

/// Begin of the period of a line.
[[nodiscard]] inline UtcTime begin_of(const storage::LedgerLine& line) { return line.end - line.length; }

}  // namespace rbamp::ctl
