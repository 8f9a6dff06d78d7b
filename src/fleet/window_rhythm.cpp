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
constexpr std::int64_t edges_to_measure = 25;
// While edges do not come the reads come too seldom. On a shared line they may come all the same and be taken for another module's: the next
// meeting tells.
constexpr int longest_silence_windows = 5;
// For an edge that does not come. Longer than its answer may wait for the loop (Scheduler::leisure), and not as long as to be taken for
// a second window.
constexpr Microseconds overdue = milliseconds{70};

}  // namespace

void WindowRhythm::begin(BootTime now) {
  due_ = now;
  last_fresh_.reset();
  last_met_.reset();
  last_read_.reset();
  forget_edge();
  line_edge_count_ = 0;
  since_met_ = 0;
  lateness_ = {};
  retries_ = 0;
  is_steady_ = false;
}

void WindowRhythm::follow(Edges edges) {
  if (edges == pattern_.edges) return;
  pattern_.edges = edges;
  forget_edge();
  line_edge_count_ = 0;
}

void WindowRhythm::met(BootTime at) {
  if (last_met_) {
    if (since_met_ < windows_to_measure) return;
    const auto measured = (at - *last_met_) / static_cast<std::int64_t>(since_met_);
    pattern_.window = std::clamp(measured, shortest_window, longest_window);
  }
  last_met_ = at;
  since_met_ = 0;
}

/// Reads that come 250 ms apart leave out one window in five, though no two of them are two windows apart: what each is late by adds up, and
/// what one is early by takes away.
void WindowRhythm::count_parts(Microseconds late) {
  constexpr Microseconds uncertain = milliseconds{8};  // of a window that is not measured yet
  if (late > Microseconds::zero() && late < uncertain) return;
  lateness_ = std::max(lateness_ + late, Microseconds::zero());
  // Reads move to and fro within a window, and through another when their pace changes from edges to the clock: that alone misses none.
  if (lateness_ < pattern_.window * 2) return;
  lateness_ -= pattern_.window;
  ++missed_;
}

Microseconds WindowRhythm::leeway() const {
  constexpr Microseconds margin = milliseconds{15};
  const auto step =
      last_fresh_ && !is_paced_by_edges() ? std::max(Microseconds{due_ - *last_fresh_}, pattern_.window) : pattern_.window;
  return std::max(pattern_.window * 3 / 2 - step - margin, Microseconds::zero());
}

void WindowRhythm::count_windows(BootTime at, BootTime first_look) {
  ++seen_;
  const auto before = std::exchange(last_fresh_, at);
  if (!before) return;
  const auto passed = pattern_.windows_between(*before, at);
  const auto unread = pattern_.windows_between(*before, first_look);
  if (unread > 1) missed_ += static_cast<std::uint64_t>(unread - 1);
  if (first_look < at) {
    lateness_ = {};  // the instant of the window is known again, or nothing changes
  } else {
    count_parts(at - *before - pattern_.window * passed);
  }
  since_met_ += static_cast<std::uint64_t>(std::max<std::int64_t>(passed, 1));
}

WindowRhythm::Look WindowRhythm::answered(BootTime at, bool changed) {
  const auto previous = std::exchange(last_read_, at);
  const bool is_told = pattern_.edges == Edges::own && pattern_.last;  // whose edge it was needs no proof by bytes
  if (!changed && last_fresh_ && !is_steady_ && !is_told) {
    if (retries_ < retries_in_a_window) {
      if (retries_++ == 0) first_look_ = at;
      due_ = at + retry_pause;
      return Look::early;
    }
    last_met_.reset();
  }
  if (pattern_.edges == Edges::shared && pattern_.last && at - *pattern_.last > pattern_.window * longest_silence_windows)
    forget_edge();
  is_steady_ = !changed && last_fresh_;
  const bool has_met = changed && retries_ > 0;
  // Looks that follow each other within a window leave none out, however late the last of them is: what passed unread did before the first.
  const bool is_close = retries_ > 0 && previous && at - *previous < pattern_.window;
  // The look before showed the old window. When the bus kept this one waiting it is still the first at the new one.
  const BootTime counted = is_close && changed ? std::min(at, *previous + retry_pause) : at;
  count_windows(counted, is_close ? first_look_ : counted);
  if (changed && !has_met && is_paced_by_edges()) prove_edge();
  if (has_met) {
    met(at);
    if (pattern_.edges == Edges::shared && previous) find_edge(*previous, at);
  }
  retries_ = 0;
  due_ = next_after(at, has_met);
  return is_steady_ ? Look::steady : Look::fresh;
}

BootTime WindowRhythm::next_after(BootTime at, bool has_met) const {
  // The clock is only there for an edge that does not come.
  if (is_paced_by_edges()) return at + pattern_.window + overdue;
  if (has_met) return due_ + pattern_.window + behind;
  const Microseconds step = pattern_.window - creep;
  const BootTime planned = due_ + step;
  // Late because the bus was busy: keep to the plan, so that delays do not add up, as long as it lies ahead.
  return planned > at + pattern_.window / 2 ? planned : at + step;
}

void WindowRhythm::answered_alone(BootTime at) {
  count_windows(at, at);
  retries_ = 0;
  last_met_.reset();
  last_read_.reset();
  is_steady_ = false;
  due_ = at + pattern_.window - creep;
}

void WindowRhythm::failed(BootTime at, unsigned attempts) {
  retries_ = 0;
  last_met_.reset();
  last_read_.reset();
  due_ = at + pattern_.window * static_cast<std::int64_t>(std::clamp(attempts, 1U, longest_pause_windows));
}

/// New bytes right at the edge: it was this module's.
void WindowRhythm::prove_edge() {
  if (!edge_off_) return;
  pattern_.jitter = std::clamp(pattern_.jitter + (std::chrono::abs(*edge_off_) - pattern_.jitter) / 8, EdgePattern::least_jitter,
                               EdgePattern::most_jitter);
  edge_off_.reset();
  if (!baseline_) baseline_ = pattern_.last;
  const auto passed = pattern_.windows_between(*baseline_, *pattern_.last);
  if (passed < edges_to_measure) return;
  pattern_.window = std::clamp((*pattern_.last - *baseline_) / passed, shortest_window, longest_window);
  baseline_ = pattern_.last;
}

void WindowRhythm::forget_edge() {
  pattern_.forget();
  edge_off_.reset();
  baseline_.reset();
}

/// The new window was met between these two reads, so its edge fell there. One that was taken for this module's before was not.
void WindowRhythm::find_edge(BootTime after, BootTime until) {
  const auto mistaken = pattern_.last;
  forget_edge();
  const auto known = std::min(line_edge_count_, line_edges_.size());
  for (std::size_t i = 0; i < known; ++i) {
    const BootTime fell = line_edges_[i];
    if (fell <= after || fell > until) continue;
    if (pattern_.last) {  // of several: the next meeting may tell
      pattern_.last.reset();
      return;
    }
    pattern_.last = fell;
  }
  // Two modules with nearly the same rhythm: from now on that one's edge is outside.
  if (pattern_.last && mistaken)
    pattern_.jitter = std::clamp(std::chrono::abs(*pattern_.last - *mistaken) / (2 * EdgePattern::jitters_off),
                                 EdgePattern::least_jitter, EdgePattern::most_jitter);
}

bool WindowRhythm::edge(BootTime fell) {
  if (pattern_.edges == Edges::none) return false;
  line_edges_[line_edge_count_++ % line_edges_.size()] = fell;
  if (!pattern_.fits(fell)) return false;
  edge_off_.reset();
  if (pattern_.last) edge_off_ = pattern_.off_from_last(fell);
  pattern_.last = fell;
  due_ = fell;
  return true;
}

}  // namespace rbamp::fleet
