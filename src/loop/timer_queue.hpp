// The timers of a loop, in the order in which they fire. Pure: no clock, and nothing waits here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "loop/scheduler.hpp"

namespace rbamp::loop {

/// Of two timers for the same time, the one that was set first fires first. One thread; outlives its timers.
class TimerQueue {
 public:
  using Callback = std::shared_ptr<const std::function<void()>>;  ///< shared with the timer, which may set it again

  /// `first_changed`: another timer is the first now, or its time moved, or none is left. Not called by take_first().
  explicit TimerQueue(std::function<void()> first_changed = [] {}) : first_changed_(std::move(first_changed)) {}

  [[nodiscard]] Timer add(BootTime when, std::function<void()> callback);
  /// Far away when there is none.
  [[nodiscard]] BootTime next() const { return timers_.empty() ? BootTime::max() : timers_.begin()->first.first; }
  /// Only while there is one.
  [[nodiscard]] Callback take_first() { return timers_.extract(timers_.begin()).mapped(); }
  [[nodiscard]] std::size_t size() const { return timers_.size(); }

 private:
  using Key = std::pair<BootTime, std::uint64_t>;
  class Source;

  std::function<void()> first_changed_;
  std::map<Key, Callback> timers_;
  std::uint64_t count_ = 0;  ///< timers set so far
};

}  // namespace rbamp::loop
