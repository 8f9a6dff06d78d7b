#include "fleet/window_rhythm.hpp"

#include <algorithm>
#include <utility>

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
// An edge that is so many times farther off than the edges before is another module's. Of two that are closer the reads must tell.
constexpr std::int64_t jitters_off = 4;
constexpr std::int64_t edges_to_measure = 25;
constexpr Microseconds first_jitter{1250};
constexpr Microseconds least_jitter{125};
constexpr Microseconds most_jitter{1250};
// Farther than this in between, the window's length is not known well enough to say whose edge it is.
constexpr std::int64_t longest_silence_windows = 20;

}  // namespace

void WindowRhythm::begin(BootTime now) {
  due_ = now;
  last_fresh_.reset();
  last_met_.reset();
  last_read_.reset();
  forget_edge();
  line_edge_count_ = 0;
  since_met_ = 0;
  retries_ = 0;
  is_steady_ = false;
}

void WindowRhythm::follow(Edges edges) {
  if (edges == edges_) return;
  edges_ = edges;
  forget_edge();
  line_edge_count_ = 0;
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
  const auto previous = std::exchange(last_read_, at);
  const bool is_told = edges_ == Edges::own && last_edge_;  // whose edge it was needs no proof by bytes
  if (!changed && last_fresh_ && !is_steady_ && !is_told) {
    if (retries_ < retries_in_a_window) {
      ++retries_;
      due_ = at + retry_pause;
      return Look::early;
    }
    last_met_.reset();
  }
  is_steady_ = !changed && last_fresh_;
  if (last_fresh_) {
    const auto passed = windows_between(*last_fresh_, at);
    if (passed > 1) missed_ += static_cast<std::uint64_t>(passed - 1);
    since_met_ += static_cast<std::uint64_t>(std::max<std::int64_t>(passed, 1));
  }
  ++seen_;
  const bool has_met = changed && retries_ > 0;
  if (changed && !has_met && is_paced_by_edges()) prove_edge();
  if (has_met) {
    met(at);
    if (edges_ == Edges::shared && previous) find_edge(*previous, at);
  }
  retries_ = 0;
  last_fresh_ = at;
  due_ = next_after(at, has_met);
  return is_steady_ ? Look::steady : Look::fresh;
}

BootTime WindowRhythm::next_after(BootTime at, bool has_met) const {
  // The clock is only there for an edge that does not come.
  if (is_paced_by_edges()) return at + window_ + window_ / 4;
  if (has_met) return due_ + window_ + behind;
  const Microseconds step = window_ - creep;
  const BootTime planned = due_ + step;
  // Late because the bus was busy: keep to the plan, so that delays do not add up, as long as it lies ahead.
  return planned > at + window_ / 2 ? planned : at + step;
}

void WindowRhythm::failed(BootTime at, unsigned attempts) {
  retries_ = 0;
  last_met_.reset();
  last_read_.reset();
  due_ = at + window_ * static_cast<std::int64_t>(std::clamp(attempts, 1U, longest_pause_windows));
}

/// New bytes right at the edge: it was this module's.
void WindowRhythm::prove_edge() {
  if (!edge_off_) return;
  edge_jitter_ = std::clamp(edge_jitter_ + (std::chrono::abs(*edge_off_) - edge_jitter_) / 8, least_jitter, most_jitter);
  edge_off_.reset();
  if (!baseline_) baseline_ = last_edge_;
  const auto passed = windows_between(*baseline_, *last_edge_);
  if (passed < edges_to_measure) return;
  window_ = std::clamp((*last_edge_ - *baseline_) / passed, shortest_window, longest_window);
  baseline_ = last_edge_;
}

void WindowRhythm::forget_edge() {
  last_edge_.reset();
  edge_off_.reset();
  baseline_.reset();
  edge_jitter_ = first_jitter;
}

/// The new window was met between these two reads, so its edge fell there. One that was taken for this module's before was not.
void WindowRhythm::find_edge(BootTime after, BootTime until) {
  const auto mistaken = last_edge_;
  forget_edge();
  const auto known = std::min(line_edge_count_, line_edges_.size());
  for (std::size_t i = 0; i < known; ++i) {
    const BootTime fell = line_edges_[i];
    if (fell <= after || fell > until) continue;
    if (last_edge_) {  // of several: the next meeting may tell
      last_edge_.reset();
      return;
    }
    last_edge_ = fell;
  }
  // Two modules with nearly the same rhythm: from now on that one's edge is outside.
  if (last_edge_ && mistaken)
    edge_jitter_ = std::clamp(std::chrono::abs(*last_edge_ - *mistaken) / (2 * jitters_off), least_jitter, most_jitter);
}

bool WindowRhythm::is_own(BootTime fell) const {
  if (edges_ == Edges::own) return !last_edge_ || fell - *last_edge_ > window_ / 2;  // a slow edge comes twice
  if (!last_edge_) return false;
  const auto passed = windows_between(*last_edge_, fell);
  return passed > 0 && passed <= longest_silence_windows &&
         std::chrono::abs(off_from_last_edge(fell)) <= edge_jitter_ * jitters_off;
}

bool WindowRhythm::edge(BootTime fell) {
  if (edges_ == Edges::none) return false;
  line_edges_[line_edge_count_++ % line_edges_.size()] = fell;
  if (!is_own(fell)) return false;
  edge_off_.reset();
  if (last_edge_) edge_off_ = off_from_last_edge(fell);
  last_edge_ = fell;
  due_ = fell;
  return true;
}

}  // namespace rbamp::fleet
