#include "ctl/history_series.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "config/suggestion.hpp"
#include "ctl/line_walk.hpp"
#include "ctl/time_text.hpp"
#include "storage/history.hpp"

namespace rbamp::ctl {
namespace {

using storage::Bar;
using storage::Bucket;

tl::unexpected<Error> refusal(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

struct NamedResolution {
  const char* name;
  Resolution resolution;
};
const std::array<NamedResolution, 6> named_resolutions{{{"period", std::nullopt},
                                                        {"quarter-hour", Bucket::quarter_hour},
                                                        {"hour", Bucket::hour},
                                                        {"day", Bucket::day},
                                                        {"month", Bucket::month},
                                                        {"year", Bucket::year}}};

Series empty_series(const ChosenChannel& channel) {
  return {channel.name(), {channel.name()}, channel.role, channel.summary.since, {}};
}

Result<std::vector<Series>> read_periods(storage::Reader& reader, std::vector<Series> series, const HistoryQuestion& question) {
  std::map<std::string, Series*> by_name;
  for (auto& one : series) by_name[one.name] = &one;
  LineWalk walk{reader, {question.from, question.to}};
  std::size_t count = 0;
  while (true) {
    const auto lines = walk.next();
    if (!lines) return failure(lines.error());
    if (lines->empty()) return series;
    for (const auto& line : *lines) {
      const auto found = by_name.find(line.module + "/" + line.channel);
      if (found == by_name.end()) continue;
      if (++count > most_periods)
        return refusal("these are more than " + std::to_string(most_periods) +
                       " periods; ask for a shorter time, or let rbampctl export write them to a file");
      const QualityBits of_export = line.export_is_estimated ? bit_of(metering::Quality::estimated) : QualityBits{};
      found->second->bars.push_back({line.end - line.length, line.end, line.energy_import, line.energy_export,
                                     static_cast<QualityBits>(bit_of(line.quality) | of_export)});
    }
  }
}

ShownBar shown(const Bar& bar, UtcTime now) {
  return {bar.begin, bar.end, bar.energy_import, bar.energy_export, bar.qualities, bar.end > now};
}

}  // namespace

std::vector<std::string> resolution_names() {
  std::vector<std::string> names;
  names.reserve(named_resolutions.size());
  for (const auto& entry : named_resolutions) names.emplace_back(entry.name);
  return names;
}

Result<Resolution> resolution_from(std::string_view name) {
  for (const auto& entry : named_resolutions) {
    if (name == entry.name) return entry.resolution;
  }
  const auto names = resolution_names();
  return refusal("there is no history by " + config::in_quotes(name) + config::did_you_mean(name, names) + "; it goes by " +
                 config::one_of(names));
}

std::string to_string(const Resolution& resolution) {
  for (const auto& entry : named_resolutions) {
    if (entry.resolution == resolution) return entry.name;
  }
  return "?";
}

HistoryQuestion aligned(HistoryQuestion question, const TimeZone& zone) {
  if (question.resolution) question.from = storage::bucket_at(zone, *question.resolution, question.from).first;
  return question;
}

UtcTime usual_begin(const Resolution& resolution, UtcTime now, UtcTime since, const TimeZone& zone) {
  if (!resolution) return now - std::chrono::hours{1};
  switch (*resolution) {
    case Bucket::quarter_hour:
    case Bucket::hour: return zone.day_begin(now);
    case Bucket::day: return from_local(zone, zone.local_day(now) - 29, Microseconds::zero());
    case Bucket::month: {
      UtcTime begin = storage::bucket_at(zone, Bucket::month, now).first;
      for (int month = 1; month < 12; ++month) begin = storage::bucket_at(zone, Bucket::month, begin - Microseconds{1}).first;
      return begin;
    }
    case Bucket::year: return since;
  }
  return since;
}

Result<std::vector<Series>> read_history(storage::Reader& reader, const std::vector<ChosenChannel>& channels,
                                         const HistoryQuestion& question) {
  std::vector<Series> series;
  series.reserve(channels.size());
  for (const auto& channel : channels) series.push_back(empty_series(channel));
  if (!question.resolution) return read_periods(reader, std::move(series), question);
  for (std::size_t i = 0; i < channels.size(); ++i) {
    auto bars = reader.history(channels[i].summary.key, *question.resolution, question.from, question.to);
    if (!bars) return failure(bars.error());
    series[i].bars = std::move(*bars);
  }
  return series;
}

Result<Series> sum_of(const std::vector<Series>& series, const Resolution& resolution) {
  if (!resolution) return refusal("single periods have no sum; ask by quarter-hour or longer, or leave --sum out");
  Series sum;
  sum.role = series.front().role;
  sum.name = metering::to_string(sum.role);
  sum.since = series.front().since;
  std::map<UtcTime, Bar> bars;
  for (const auto& one : series) {
    if (one.role != sum.role) {
      return refusal(series.front().name + " has the role " + std::string{metering::to_string(sum.role)} + " and " + one.name +
                     " the role " + std::string{metering::to_string(one.role)} +
                     ", which have no sum; choose one role with --role, or one module with --module");
    }
    sum.channels.insert(sum.channels.end(), one.channels.begin(), one.channels.end());
    sum.since = std::min(sum.since, one.since);
    for (const auto& bar : one.bars) {
      auto& total = bars.try_emplace(bar.begin, Bar{bar.begin, bar.end, {}, {}, 0}).first->second;
      total.energy_import += bar.energy_import;
      total.energy_export += bar.energy_export;
      total.qualities = static_cast<QualityBits>(total.qualities | bar.qualities);
    }
  }
  for (auto& entry : bars) sum.bars.push_back(entry.second);
  return sum;
}

std::vector<ShownBar> shown_bars(const Series& series, const HistoryQuestion& question, UtcTime now, const TimeZone& zone) {
  std::vector<ShownBar> bars;
  if (!question.resolution) {
    for (const auto& bar : series.bars) bars.push_back(shown(bar, now));
    return bars;
  }
  // From the first bucket in which there was anything to meter to the one that runs now.
  const UtcTime from = std::max(question.from, storage::bucket_at(zone, *question.resolution, series.since).first);
  const UtcTime to = std::min(question.to, now);
  auto known = series.bars.begin();
  for (auto bucket = storage::bucket_at(zone, *question.resolution, from); bucket.first < to;
       bucket = storage::bucket_at(zone, *question.resolution, bucket.second)) {
    // Bars before `from`: the clock was set back since they were labelled.
    for (; known != series.bars.end() && known->begin < bucket.first; ++known) bars.push_back(shown(*known, now));
    if (known != series.bars.end() && known->begin == bucket.first) {
      bars.push_back(shown(*known++, now));
    } else if (known != series.bars.end()) {
      bars.push_back({bucket.first, bucket.second, std::nullopt, std::nullopt, bit_of(metering::Quality::gap), false});
    } else if (bucket.second <= now) {
      bars.push_back({bucket.first, bucket.second, std::nullopt, std::nullopt, 0, false});  // its period may still be open
    }
  }
  for (; known != series.bars.end(); ++known) bars.push_back(shown(*known, now));
  return bars;
}

}  // namespace rbamp::ctl
