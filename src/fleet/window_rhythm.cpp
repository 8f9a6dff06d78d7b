#include "fleet/window_rhythm.hpp"

#include <algorithm>

namespace rbamp::fleet {
namespace {

using std::chrono::milliseconds;

// 1 % of a window: faster than any quartz or trimmed oscillator drifts (5.02 windows a second have been seen, protocol 17 S8).
constexpr Microseconds creep = milliseconds{2};
constexpr Microseconds retry_pause = milliseconds{30};
// 198 + 3 * 30 ms are longer than any window.
constexpr unsigned retries_in_a_window = 3;
// Behind the instant of the new window: far enough from it on both sides for a bus that is busy with other modules.
constexpr Microseconds behind = milliseconds{60};
// Fewer windows would make the 30 ms of a retry too coarse a ruler.
constexpr std::uint64_t windows_to_measure = 50;
constexpr Microseconds shortest_window = milliseconds{190};
constexpr Microseconds longest_window = milliseconds{210};
constexpr unsigned longest_pause_windows = 5;

}  // namespace

void WindowRhythm::begin(BootTime now) {
  due_ = now;
  last_fresh_.reset();
  last_met_.reset();
  since_met_ = 0;
  retries_ = 0;
  is_steady_ = false;
}

Microseconds WindowRhythm::step() const {
  // With edges, the clock is only there for one that does not come.
  return follows_edges_ ? window_ + window_ / 4 : window_ - creep;
}

void WindowRhythm::met(BootTime at) {
  if (last_met_) {
    if (since_met_ < windows_to_measure) return;
    const auto measured = (at - *last_met_) / static_cast<std::int64_t>(since_met_);
    window_ = std::clamp(measured, shortest_window, longest_window);
  }
  last_met_ = at;
  since_met_ = 0;
}

WindowRhythm::Look WindowRhythm::answered(BootTime at, bool changed) {
  if (!changed && last_fresh_ && !is_steady_) {
    if (retries_ < retries_in_a_window) {
      ++retries_;
      due_ = at + retry_pause;
      return Look::early;
    }
    is_steady_ = true;
    last_met_.reset();
  }
  if (changed) is_steady_ = false;
  if (last_fresh_) {
    const auto passed = (at - *last_fresh_ + window_ / 2) / window_;
    if (passed > 1) missed_ += static_cast<std::uint64_t>(passed - 1);
    since_met_ += static_cast<std::uint64_t>(std::max<std::int64_t>(passed, 1));
  }
  ++seen_;
  const bool has_met = changed && retries_ > 0;
  if (has_met) met(at);
  retries_ = 0;
  last_fresh_ = at;
  const BootTime planned = due_ + step();
  // Late because the bus was busy: keep to the plan, so that delays do not add up, as long as it lies ahead.
  due_ = !has_met && !follows_edges_ && planned > at + window_ / 2 ? planned : at + step();
  if (has_met && !follows_edges_) due_ = at + window_ + behind;
  return is_steady_ ? Look::steady : Look::fresh;
}

void WindowRhythm::failed(BootTime at, unsigned attempts) {
  retries_ = 0;
  last_met_.reset();
  due_ = at + window_ * static_cast<std::int64_t>(std::clamp(attempts, 1U, longest_pause_windows));
}

bool WindowRhythm::edge(BootTime at) {
  // On a shared line the edges of other modules fall in between; this one's come a window apart.
  if (last_fresh_ && at - *last_fresh_ < window_ * 3 / 4) return false;
  due_ = at;
  return true;
}

}  // namespace rbamp::fleet
