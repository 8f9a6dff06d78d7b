// Energy from signed live power, window by window: the only way to export on modules whose averages clamp it away. Pure.
// Protocol 1.3, 11.7; design section 3.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// Both directions of one channel over a stretch, and how much of it was really seen.
struct LiveEnergy {
  WattHours positive;      ///< of the windows with P > 0
  WattHours negative;      ///< of the windows with P < 0, as a positive number
  Microseconds covered{};  ///< time that readings stand for
  Microseconds missed{};   ///< short holes: bridged with the mean of the power before and after, and marked

  /// At least 98 % of the stretch was seen: worth the word "measured".
  [[nodiscard]] bool is_complete() const { return covered + missed > Microseconds::zero() && missed * 50 <= covered + missed; }
};

/// A signed power, and when its window ended.
struct LivePower {
  BootTime at{};
  Watts power;
};

/// Integrates one channel. A reading stands for the window that ended just before it, so each adds P times the time since the
/// reading before (a rectangle): exact when every window is read once, since the module's P is already the window's mean. A trapezoid
/// would smear each step over two windows and book both directions at every sign change. The first reading of all adds its own window.
class LiveIntegrator {
 public:
  /// What a reading stands for when none was before it. Protocol 1.1.
  static constexpr Microseconds window = std::chrono::milliseconds{200};
  /// Longest distance of two readings without a hole: a window, and half of the next.
  static constexpr Microseconds longest_step = std::chrono::milliseconds{300};
  /// Longer than that, what was before and after says nothing about what was between: such a hole holds no energy but that of the window
  /// that ends it, and counts neither as covered nor as missed.
  static constexpr Microseconds longest_bridge = std::chrono::minutes{1};

  /// `has_missed`: a window passed unread since the reading before, though not much time did.
  void add(BootTime at, Watts power, bool has_missed = false);
  /// The sums since the last take(); what came after the last reading stays for the next period, so nothing is lost in between.
  [[nodiscard]] LiveEnergy take();
  /// Forgets the place in time (the module was away or reset): the next reading begins anew, no hole is bridged.
  void restart();
  /// What was before `at` belongs to nobody, or to a line that is closed.
  void begin(BootTime at);
  /// Nothing is read any more: the window that is under way at `at` has no other reading than the last one, which is then as if made there.
  void end(BootTime at);
  [[nodiscard]] bool has_reading() const { return last_.has_value(); }
  /// Something was seen since the last take().
  [[nodiscard]] bool has_sums() const { return sums_.covered + sums_.missed > Microseconds::zero(); }

  /// What has not been taken yet, and where it ends.
  struct State {
    LiveEnergy sums;
    std::optional<LivePower> last;
  };
  [[nodiscard]] State state() const { return {sums_, last_}; }
  /// Goes on where another one stopped; until the next reading is a hole like any other. Only for one that has seen nothing.
  void resume(const State& state);

 private:
  LiveEnergy sums_;
  std::optional<LivePower> last_;
  std::optional<BootTime> begin_;  ///< no energy before it
};

}  // namespace rbamp::metering
