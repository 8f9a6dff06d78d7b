// A quantity that should stay between two limits: voltage, frequency. Pure.
#pragma once

#include <optional>

#include "base/clock.hpp"

namespace rbamp::metering {

/// Tells each edge once: beyond a limit for `hold`, and back within both, by `hysteresis`, for `hold`. After an edge the next one is
/// told after `spacing` at the earliest, so that a value on the border does not flood anybody.
class LimitWatch {
 public:
  enum class State { normal, low, high };
  struct Settings {
    double low = 0.0;
    double high = 0.0;
    double hysteresis = 0.0;
    Microseconds hold = std::chrono::seconds{2};
    Microseconds spacing = std::chrono::seconds{60};
  };
  struct Edge {
    State state = State::normal;
    double value = 0.0;  ///< the reading that settled it
  };

  explicit LimitWatch(Settings settings) : settings_(settings) {}

  [[nodiscard]] std::optional<Edge> add(BootTime at, double value);
  [[nodiscard]] State state() const { return state_; }

 private:
  [[nodiscard]] State seen(double value) const;

  Settings settings_;
  State state_ = State::normal;
  State pending_ = State::normal;
  BootTime pending_since_{};
  std::optional<BootTime> last_edge_;
};

}  // namespace rbamp::metering
