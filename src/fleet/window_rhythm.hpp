// When to read a module so that each of its windows is read once: on its DRDY edge, or without one in step with its own rhythm.
// Pure. Protocol 1.1, 9.5.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace rbamp::fleet {

/// A module replaces its live block every 200 ms, at an instant of its own. Reads that come a little too often creep towards that
/// instant from behind, until one shows the same bytes as the read before: then the new window begins within the next few
/// milliseconds, is caught by asking again, and the reads go on well behind it. The time between two such meetings, divided by the
/// windows in between, is the true length of the module's window.
///
/// A load that is perfectly constant gives equal bytes in every window. There is nothing to meet then and nothing to miss; the
/// reads go on by the clock until something changes.
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

  /// A read that was sent at `at` was answered; `changed`: its bytes differ from the answer before.
  Look answered(BootTime at, bool changed);
  /// A read failed; `attempts` have failed in a row. A module that keeps failing is asked less often, for the sake of the others.
  void failed(BootTime at, unsigned attempts);

  /// DRDY fell: a module on the line has a new window. True when it is this one's turn: it is due now.
  bool edge(BootTime at);
  /// Reads follow the edges; the clock only steps in when one is overdue.
  void follow_edges(bool yes) { follows_edges_ = yes; }

  /// The module's window as measured, 200 ms at first.
  [[nodiscard]] Microseconds window() const { return window_; }
  /// Windows that passed unread.
  [[nodiscard]] std::uint64_t missed() const { return missed_; }
  /// Windows that were read.
  [[nodiscard]] std::uint64_t seen() const { return seen_; }

 private:
  void met(BootTime at);
  [[nodiscard]] Microseconds step() const;

  Microseconds window_ = std::chrono::milliseconds{200};
  BootTime due_{};
  std::optional<BootTime> last_fresh_;
  std::optional<BootTime> last_met_;
  std::uint64_t since_met_ = 0;
  unsigned retries_ = 0;
  bool is_steady_ = false;
  bool follows_edges_ = false;
  std::uint64_t missed_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace rbamp::fleet
