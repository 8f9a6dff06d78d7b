// When to read a module so that each of its windows is read once: on its DRDY edge, or without one in step with its own rhythm.
// Pure. Protocol 1.1, 9.5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "fleet/edge_pattern.hpp"

namespace rbamp::fleet {

/// A module replaces its live block every 200 ms, at an instant of its own. Reads that come a little too often creep towards that
/// instant from behind, until one shows the same bytes as the read before: then the new window begins within the next few
/// milliseconds, is caught by asking again, and the reads go on well behind it. The time between two such meetings, divided by the
/// windows in between, is the true length of the module's window.
///
/// Once it is known when the windows begin, a read that waited for the bus still counts for its window, at the instant that it should have had,
/// as long as it came before the next.
///
/// A load that is perfectly constant gives equal bytes in every window. There is nothing to meet then and nothing to miss; the
/// reads go on by the clock until something changes.
///
/// With a DRDY line of its own every edge is the module's. On a line that it shares, the first meeting shows which edge is: the one
/// that fell between the two reads. From then on it is read at the edges that come whole windows after that one.
class WindowRhythm {
 public:
  /// What a read was.
  enum class Look : std::uint8_t {
    fresh,   ///< a window that was not read before
    early,   ///< the same window again: not to be counted, ask again soon
    steady,  ///< the same bytes for longer than any window lasts: the load does not change
  };

  /// The first read is due at once.
  void begin(BootTime now);
  [[nodiscard]] BootTime due() const { return due_; }
  /// due() is only for an edge that does not come.
  [[nodiscard]] bool is_paced_by_edges() const { return pattern_.edges != Edges::none && pattern_.last.has_value(); }

  /// A read that was sent at `at` was answered; `changed`: its bytes differ from the answer before.
  Look answered(BootTime at, bool changed);
  /// The old window was seen again: when the new one is read next is not known.
  [[nodiscard]] bool is_meeting() const { return retries_ > 0; }
  /// When the new window is read if nothing comes in between.
  [[nodiscard]] BootTime next_read() const { return is_paced_by_edges() ? *pattern_.last + pattern_.window : due_; }
  /// By how much that read may be late without missing a window.
  [[nodiscard]] Microseconds leeway() const;
  /// The instant that the newest window counts for: when it was read, or should have been.
  [[nodiscard]] BootTime counted_at() const { return last_fresh_.value_or(BootTime{}); }
  /// A read that was sent at `at`, out of step and at least a window after the one before, was answered: it shows a new window, and nothing of
  /// the rhythm.
  void answered_alone(BootTime at);
  /// A read failed; `attempts` have failed in a row. A module that keeps failing is asked less often, for the sake of the others.
  void failed(BootTime at, unsigned attempts);

  using Edges = EdgePattern::Edges;
  void follow(Edges edges);
  /// DRDY fell: a module on the line has a new window. True when it is this one's: it is due now, and the clock only steps in when
  /// an edge is overdue.
  bool edge(BootTime fell);
  /// By which the next edge can be told elsewhere.
  [[nodiscard]] const EdgePattern& pattern() const { return pattern_; }

  /// The module's window as measured, 200 ms at first.
  [[nodiscard]] Microseconds window() const { return pattern_.window; }
  /// Windows that passed unread.
  [[nodiscard]] std::uint64_t missed() const { return missed_; }
  /// Windows that were read.
  [[nodiscard]] std::uint64_t seen() const { return seen_; }

 private:
  /// When the module's windows begin.
  struct Phase {
    BootTime begin{};       ///< of one of them
    Microseconds unsure{};  ///< by how much earlier or later it may have been
  };

  void met(BootTime before, BootTime at);
  /// A new window counts for `at`; `first_look`: the first of the looks for it that followed each other without a pause.
  void count_windows(BootTime at, BootTime first_look);
  void count_parts(Microseconds late);
  [[nodiscard]] std::optional<Phase> phase(BootTime at) const;
  [[nodiscard]] BootTime in_time(BootTime at) const;
  void find_edge(BootTime after, BootTime until);
  void prove_edge();
  void forget_edge();
  [[nodiscard]] BootTime next_after(BootTime at, bool has_met) const;

  EdgePattern pattern_;
  BootTime due_{};
  std::optional<BootTime> last_fresh_;
  std::optional<BootTime> last_met_;    ///< from which the window is measured
  std::optional<BootTime> met_window_;  ///< about when the window began that was met last
  std::optional<BootTime> last_read_;
  std::optional<Microseconds> edge_off_;   ///< how far the newest edge fell from where it was expected; not proven by a read yet
  std::optional<BootTime> baseline_;       ///< a proven edge, from which the window is measured
  std::array<BootTime, 16> line_edges_{};  ///< of whichever modules, the newest ones
  std::size_t line_edge_count_ = 0;
  std::int64_t since_met_ = 0;
  Microseconds lateness_{};  ///< of reads that count as one window after the other
  unsigned retries_ = 0;
  BootTime first_look_{};  ///< of those that are repeated
  bool is_steady_ = false;
  bool is_measured_ = false;  ///< the window is
  bool is_in_step_ = false;   ///< one window after the other was read since last_met_
  std::uint64_t missed_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace rbamp::fleet
