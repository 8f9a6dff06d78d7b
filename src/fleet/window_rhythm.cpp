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
// Between the last look at the old window and the first at the new one, for the instant to be known well enough.
constexpr Microseconds longest_look = retry_pause * 3 / 2;
// Behind the instant of the new window: far enough from it on both sides for a bus that is busy with other modules.
constexpr Microseconds behind = milliseconds{60};
// Fewer windows would make the 30 ms of a retry too coarse a ruler.
constexpr std::int64_t windows_to_measure = 50;
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
// The window's length may be wrong by a hundredth, and what follows an edge at once is of the new window.
constexpr Microseconds unsure_by_edges = milliseconds{5};
// Half the time between two looks, and what the window's length may be wrong by.
constexpr Microseconds unsure_when_met = retry_pause / 2;
constexpr std::int64_t drift = 800;  // the part of the time

/// Rounded down, also below zero.
std::int64_t whole_windows(Microseconds time, Microseconds window) {
  const auto whole = time / window;
  return time < window * whole ? whole - 1 : whole;
}

}  // namespace

void WindowRhythm::begin(BootTime now) {
  due_ = now;
  last_fresh_.reset();
  last_met_.reset();
  met_window_.reset();
  last_read_.reset();
  forget_edge();
  line_edge_count_ = 0;
  since_met_ = 0;
  lateness_ = {};
  retries_ = 0;
  is_steady_ = false;
  is_measured_ = false;
}

void WindowRhythm::follow(Edges edges) {
  if (edges == pattern_.edges) return;
  pattern_.edges = edges;
  forget_edge();
  line_edge_count_ = 0;
}

/// The new window began between these two looks.
void WindowRhythm::met(BootTime before, BootTime at) {
  if (at - before > longest_look) return;  // the bus kept the second one waiting
  const BootTime began = before + (at - before) / 2;
  const bool is_measuring = last_met_ && is_in_step_;
  if (is_measuring && since_met_ >= windows_to_measure) {
    pattern_.window = std::clamp((began - *last_met_) / since_met_, shortest_window, longest_window);
    is_measured_ = true;
  }
  if (is_measured_) met_window_ = began;
  if (is_measuring && since_met_ < windows_to_measure) return;
  last_met_ = began;
  since_met_ = 0;
  is_in_step_ = true;
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

std::optional<WindowRhythm::Phase> WindowRhythm::phase(BootTime at) const {
  if (is_paced_by_edges()) return Phase{*pattern_.last, unsure_by_edges};
  if (!met_window_) return std::nullopt;
  const auto unsure = unsure_when_met + (at - *met_window_) / drift;
  if (unsure <= pattern_.window / 4) return Phase{*met_window_, unsure};
  return std::nullopt;
}

Microseconds WindowRhythm::leeway() const {
  constexpr Microseconds margin = milliseconds{15};
  if (const auto known = phase(next_read())) {
    const auto begin = known->begin - known->unsure;
    const auto age = next_read() - begin - pattern_.window * whole_windows(next_read() - begin, pattern_.window);
    return std::clamp(pattern_.window - age - margin, Microseconds::zero(), pattern_.window / 2);
  }
  const auto step = last_fresh_ ? std::max(Microseconds{due_ - *last_fresh_}, pattern_.window) : pattern_.window;
  return std::max(pattern_.window * 3 / 2 - step - margin, Microseconds::zero());
}

void WindowRhythm::count_windows(BootTime at, BootTime first_look) {
  ++seen_;
  const auto before = std::exchange(last_fresh_, at);
  if (!before) return;
  const auto passed = pattern_.windows_between(*before, at);
  ++since_met_;
  auto unread = passed;
  if (first_look < at) {
    unread = pattern_.windows_between(*before, first_look);
    lateness_ = {};  // the instant of the window is known again, or nothing changes
  } else if (const auto known = phase(at)) {
    const auto begin = known->begin - known->unsure;
    unread = whole_windows(at - begin, pattern_.window) - whole_windows(*before - begin, pattern_.window);
    lateness_ = {};
  } else {
    count_parts(at - *before - pattern_.window * passed);
  }
  if (unread <= 1) return;
  missed_ += static_cast<std::uint64_t>(unread - 1);
  is_in_step_ = false;
}

/// Late in a window is as good as in time.
BootTime WindowRhythm::in_time(BootTime at) const {
  const auto known = phase(at);
  if (!known) return at;
  const auto window_of = [&](BootTime time) { return whole_windows(time - known->begin + known->unsure, pattern_.window); };
  const auto window = window_of(at);
  if (is_paced_by_edges()) return std::min(at, known->begin + pattern_.window * window);
  return window_of(due_) == window ? std::min(at, due_) : at;
}

WindowRhythm::Look WindowRhythm::answered(BootTime at, bool changed) {
  const auto previous = std::exchange(last_read_, at);
  if (at - due_ > pattern_.window / 4) is_in_step_ = false;
  const bool is_told = pattern_.edges == Edges::own && pattern_.last;  // whose edge it was needs no proof by bytes
  if (!changed && last_fresh_ && !is_steady_ && !is_told) {
    if (retries_ < retries_in_a_window) {
      if (retries_++ == 0) first_look_ = at;
      due_ = at + retry_pause;
      return Look::early;
    }
    last_met_.reset();
    met_window_.reset();
  }
  if (pattern_.edges == Edges::shared && pattern_.last && at - *pattern_.last > pattern_.window * longest_silence_windows)
    forget_edge();
  is_steady_ = !changed && last_fresh_;
  const bool has_met = changed && retries_ > 0;
  // Looks that follow each other within a window leave none out, however late the last of them is: what passed unread did before the first.
  const bool is_close = retries_ > 0 && previous && at - *previous < pattern_.window;
  // The look before showed the old window. When the bus kept this one waiting it is still the first at the new one.
  const BootTime counted = is_close && changed ? std::min(at, *previous + retry_pause) : in_time(at);
  count_windows(counted, is_close ? first_look_ : counted);
  if (changed && !has_met && is_paced_by_edges()) prove_edge();
  if (has_met) {
    if (previous) met(*previous, at);
    if (pattern_.edges == Edges::shared && previous) find_edge(*previous, at);
  }
  retries_ = 0;
  due_ = next_after(at, has_met);
  return is_steady_ ? Look::steady : Look::fresh;
}

BootTime WindowRhythm::next_after(BootTime at, bool has_met) const {
  // The clock is only there for an edge that does not come.
  if (is_paced_by_edges()) return in_time(at) + pattern_.window + overdue;
  if (has_met) return due_ + pattern_.window + behind;
  const Microseconds step = pattern_.window - creep;
  const BootTime planned = due_ + step;
  // Late because the bus was busy: keep to the plan, so that delays do not add up, as long as it lies ahead.
  return planned > at + pattern_.window / 4 ? planned : at + step;
}

void WindowRhythm::answered_alone(BootTime at) {
  count_windows(at, at);
  retries_ = 0;
  last_met_.reset();
  met_window_.reset();
  last_read_.reset();
  is_steady_ = false;
  due_ = at + pattern_.window - creep;
}

void WindowRhythm::failed(BootTime at, unsigned attempts) {
  retries_ = 0;
  last_met_.reset();
  met_window_.reset();
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
