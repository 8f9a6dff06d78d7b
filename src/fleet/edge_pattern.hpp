// Whose edge it was, on a DRDY line that several modules may share. Pure. Protocol 1.1, 9.5.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "fleet/usual_window.hpp"

namespace rbamp::fleet {

/// What is known of one module's edges. They come whole windows apart, and that tells them from those of others.
struct EdgePattern {
  /// Which edges there are to follow.
  enum class Edges : std::uint8_t { none, shared, own };

  static constexpr Microseconds first_jitter{1250};
  static constexpr Microseconds least_jitter{125};
  static constexpr Microseconds most_jitter{1250};
  // An edge that is so many times farther off than the edges before is another module's. Of two that are closer the reads must tell.
  static constexpr std::int64_t jitters_off = 4;

  [[nodiscard]] bool fits(BootTime fell) const {
    if (edges == Edges::own) return !last || fell - *last > window / 2;  // a slow edge comes twice
    if (edges == Edges::none || !last) return false;
    const auto passed = windows_between(*last, fell);
    return passed > 0 && passed <= most_windows_apart && std::chrono::abs(off_from_last(fell)) <= jitter * jitters_off;
  }
  /// How far an edge fell from where the last one of this module lets expect it. Only with `last`.
  [[nodiscard]] Microseconds off_from_last(BootTime fell) const { return fell - *last - window * windows_between(*last, fell); }
  /// Whole windows from one instant to another, to the nearest.
  [[nodiscard]] std::int64_t windows_between(BootTime from, BootTime to) const { return (to - from + window / 2) / window; }
  void forget() {
    last.reset();
    jitter = first_jitter;
  }

  Edges edges = Edges::none;
  Microseconds window = usual_window;
  std::optional<BootTime> last;        ///< when this module's newest fell
  Microseconds jitter = first_jitter;  ///< how far its edges fall from where they are expected, on average

 private:
  // Farther than this in between, the window's length is not known well enough to say whose edge it is.
  static constexpr std::int64_t most_windows_apart = 20;
};

}  // namespace rbamp::fleet
