// How long after an edge of DRDY the read begins: the numbers by which the wake-up path is judged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace rbamp::fleet {

/// Counts in steps of a quarter octave from 8 us to half a second; what lies outside counts at the ends. Old edges fade, so that the
/// answer is about the last hour or two of one module.
class EdgeLatency {
 public:
  void add(Microseconds latency);
  /// No more than `share` (0 to 1) of the edges took longer than this, rounded up to the step; nullopt before the first edge.
  [[nodiscard]] std::optional<Microseconds> quantile(double share) const;

 private:
  static constexpr std::size_t steps = 64;
  std::array<std::uint32_t, steps> counts_{};
  std::uint32_t total_ = 0;
};

}  // namespace rbamp::fleet
