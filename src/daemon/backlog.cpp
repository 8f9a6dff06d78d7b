#include "daemon/backlog.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/local_time.hpp"
#include "metering/backlog.hpp"

namespace rbamp::daemon {
namespace {

/// The module still shows it when nothing was latched since. An estimate was made here, of what is gone with the process.
bool is_kept_by_module(const metering::Closing& closing) {
  return closing.quality != metering::Quality::gap && closing.reason != metering::Reason::voltage_borrowed;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

void Backlog::add(Entry entry) {
  entries_.push_back(std::move(entry));
  if (entries_.size() <= longest) return;
  // The first may be under way; the two after it become one.
  auto& earlier = entries_[1];
  auto& later = entries_[2];
  earlier.commit = metering::join(std::move(earlier.commit), std::move(later.commit));
  std::move(later.durable.begin(), later.durable.end(), std::back_inserter(earlier.durable));
  earlier.round_over.clear();  // of rounds that many others followed: what they would acknowledge is history
  entries_.erase(entries_.begin() + 2);
}

Backlog::Entry Backlog::take_front() {
  auto entry = std::move(entries_.front());
  entries_.pop_front();
  return entry;
}

std::size_t Backlog::callbacks() const {
  std::size_t count = 0;
  for (const auto& entry : entries_) count += entry.durable.size() + entry.round_over.size();
  return count;
}

void Backlog::keep_intents(const std::vector<metering::ArmedLatch>& latches) {
  for (auto& entry : entries_) {
    for (auto& module : entry.commit.modules) {
      const bool is_armed = std::any_of(latches.begin(), latches.end(), [&](const auto& l) { return l.module == module.module; });
      module.keeps_intent = module.keeps_intent || is_armed;
    }
  }
}

bool Backlog::has(metering::PlaceKey place) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return std::any_of(entry.commit.modules.begin(), entry.commit.modules.end(),
                       [&](const metering::ModuleCommit& module) { return module.place == place; });
  });
}

std::string Backlog::loss() const {
  std::size_t periods = 0;
  std::size_t corrections = 0;
  UtcTime begin = UtcTime::max();
  UtcTime end = UtcTime::min();
  std::map<metering::ModuleKey, bool> is_newest_kept;
  for (const auto& entry : entries_) {
    for (const auto& module : entry.commit.modules) {
      for (const auto& closing : module.closings) {
        if (closing.quality == metering::Quality::adjustment) {
          ++corrections;
          continue;
        }
        ++periods;
        begin = std::min(begin, closing.span.end.utc - closing.span.length);
        end = std::max(end, closing.span.end.utc);
        is_newest_kept[closing.module] = is_kept_by_module(closing);
      }
    }
  }
  if (periods + corrections == 0) return {};
  std::string words = "The ledger lacks ";
  if (periods > 0) words += counted(periods, "period") + " from " + to_rfc3339(begin) + " to " + to_rfc3339(end);
  if (corrections > 0) words += (periods > 0 ? " and " : "") + counted(corrections, "correction");
  const auto kept = static_cast<std::size_t>(
      std::count_if(is_newest_kept.begin(), is_newest_kept.end(), [](const auto& module) { return module.second; }));
  if (kept > 0 && kept == periods) {
    words += ". The modules keep what they averaged, and the next start recovers it";
  } else if (kept > 0) {
    words += ". Of the periods the modules keep the newest, " + std::to_string(kept) +
             " in all, which the next start recovers; the others are lost with this process";
  } else if (periods > 0) {
    words += ". The periods are lost with this process";
  }
  if (corrections > 0) words += ". Corrections must be asked for again";
  return words;
}

}  // namespace rbamp::daemon
