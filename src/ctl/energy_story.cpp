#include "ctl/energy_story.hpp"

#include <algorithm>
#include <array>

#include "ctl/line_walk.hpp"

namespace rbamp::ctl {
namespace {

using metering::Quality;
using std::chrono::hours;
using storage::Bucket;
using storage::LedgerLine;

constexpr std::size_t all_events = 20'000;  // as many as a ledger keeps
constexpr Microseconds most_quarter_hours = hours{48};

class Teller {
 public:
  Teller(storage::Reader& reader, const ChosenChannel& channel, const TimeSpan& asked, UtcTime now)
      : reader_(reader), channel_(channel), now_(now) {
    story_.asked = asked;
  }

  Result<EnergyStory> tell() {
    for (const auto step : {&Teller::add_lines, &Teller::add_covering_line, &Teller::add_edges, &Teller::add_events}) {
      if (auto done = (this->*step)(); !done) return failure(done.error());
    }
    return std::move(story_);
  }

 private:
  [[nodiscard]] bool is_ours(const LedgerLine& line) const {
    return line.module == channel_.summary.module && line.channel == channel_.summary.channel;
  }

  Result<void> add_lines() {
    // An instant has the line that ends after it; one that ends exactly there is past.
    if (story_.asked.begin == story_.asked.end) return {};
    LineWalk walk{reader_, {story_.asked.begin, story_.asked.end}};
    while (true) {
      auto lines = walk.next();
      if (!lines) return failure(lines.error());
      if (lines->empty()) return {};
      std::copy_if(lines->begin(), lines->end(), std::back_inserter(story_.lines),
                   [this](const auto& line) { return is_ours(line); });
      if (story_.lines.size() > most_lines) {
        return failure(Errc::request_invalid, Remedy::give_up,
                       "these are more than " + std::to_string(most_lines) +
                           " lines; ask for a shorter time, or let rbampctl export write them to a file");
      }
    }
  }

  /// The line whose period began before the end of what was asked and ended behind it. A gap may be months long: look farther and
  /// farther behind.
  Result<void> add_covering_line() {
    UtcTime from = story_.asked.end;
    for (const Microseconds reach : std::array<Microseconds, 3>{hours{2}, hours{48}, hours{24 * 366 * 100}}) {
      const UtcTime to = story_.asked.end + reach;
      LineWalk walk{reader_, {from, to}};
      while (true) {
        const auto lines = walk.next();
        if (!lines) return failure(lines.error());
        if (lines->empty()) break;
        for (const auto& line : *lines) {
          if (!is_ours(line) || line.quality == Quality::adjustment) continue;
          has_later_line_ = true;
          if (begin_of(line) < story_.asked.end || begin_of(line) == story_.asked.begin) story_.lines.push_back(line);
          return {};
        }
      }
      from = to;
    }
    return {};
  }

  /// What the lines leave open at the begin and at the end.
  Result<void> add_edges() {
    const UtcTime begin = std::max(story_.asked.begin, channel_.summary.since);
    const UtcTime end = std::min(std::max(story_.asked.end, story_.asked.begin + Microseconds{1}), now_ + Microseconds{1});
    const auto covers = [](const LedgerLine& line) { return line.quality != Quality::adjustment; };
    const auto first = std::find_if(story_.lines.begin(), story_.lines.end(), covers);
    const auto last = std::find_if(story_.lines.rbegin(), story_.lines.rend(), covers);
    if (last != story_.lines.rend()) {
      if (!has_later_line_ && last->end < end) story_.not_closed_since = last->end;
      if (begin < begin_of(*first)) return add_rolled_up({begin, begin_of(*first)});
      return {};
    }
    if (begin >= end) return {};
    if (has_later_line_) return add_rolled_up({begin, end});
    const auto newest = newest_line();
    if (!newest) return failure(newest.error());
    if (*newest && **newest <= begin) {
      story_.not_closed_since = **newest;
      return {};
    }
    return add_rolled_up({begin, end});
  }

  /// End of the newest line of the channel that is kept; nullopt when none is.
  Result<std::optional<UtcTime>> newest_line() {
    std::optional<UtcTime> newest;
    LineWalk walk{reader_, {story_.asked.begin - hours{24 * 366}, std::nullopt}};
    while (true) {
      const auto lines = walk.next();
      if (!lines) return failure(lines.error());
      if (lines->empty()) return newest;
      for (const auto& line : *lines) {
        if (is_ours(line) && line.quality != Quality::adjustment) newest = line.end;
      }
    }
  }

  Result<void> add_rolled_up(const TimeSpan& span) {
    const auto has_folded = reader_.has_folded_lines();
    if (!has_folded) return failure(has_folded.error());
    // A channel is made a moment before the latch that begins its first period.
    if (!*has_folded && !story_.lines.empty()) return {};
    story_.without_lines = span;
    if (!*has_folded) return {};
    for (const auto bucket : {Bucket::quarter_hour, Bucket::day}) {
      if (bucket == Bucket::quarter_hour && span.end - span.begin > most_quarter_hours) continue;
      // The buckets that overlap the span: the first may have begun before it.
      const Microseconds longest = bucket == Bucket::day ? Microseconds{hours{25}} : Microseconds{std::chrono::minutes{15}};
      auto bars = reader_.history(channel_.summary.key, bucket, span.begin - longest, span.end);
      if (!bars) return failure(bars.error());
      std::erase_if(*bars, [&](const storage::Bar& bar) { return bar.end <= span.begin; });
      if (bars->empty()) continue;
      story_.rolled_up = RolledUp{bucket, std::move(*bars)};
      return {};
    }
    return {};
  }

  Result<void> add_events() {
    auto events = reader_.events(0, all_events);
    if (!events) return failure(events.error());
    for (auto& event : *events) {
      const bool is_about =
          event.module == channel_.summary.module && (event.channel.empty() || event.channel == channel_.summary.channel);
      if (is_about && event.at >= story_.asked.begin && event.at < story_.asked.end) story_.events.push_back(std::move(event));
    }
    return {};
  }

  storage::Reader& reader_;
  const ChosenChannel& channel_;
  UtcTime now_;
  EnergyStory story_;
  bool has_later_line_ = false;
};

}  // namespace

Result<EnergyStory> tell_story(storage::Reader& reader, const ChosenChannel& channel, const TimeSpan& asked, UtcTime now) {
  return Teller{reader, channel, asked, now}.tell();
}

}  // namespace rbamp::ctl
