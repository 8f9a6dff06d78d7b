// What a module's period engine accumulates over its measurement windows, without stepping through each of them.
#pragma once

#include <cstdint>

#include "simulator/load.hpp"

namespace rbamp::simulator {

/// Sums over committed windows. Joules; the energy of a window is its mean power times the window's length.
struct WindowSums {
  double import_j = 0.0;  ///< of windows whose mean power is positive: the BASIC clamp works per window
  double export_j = 0.0;  ///< of windows whose mean power is negative
  double max_w = 0.0;     ///< largest window mean, never below 0
};

/// Consecutive windows of one module, the first beginning at `begin`.
struct WindowRun {
  SimTime begin{};
  SimTime length{};
  std::int64_t count = 0;
};

/// Adds a run of windows as one clamp sees them: power times `gain` (1: as it is, negative: mounted the wrong way round).
/// Equal to adding window by window up to rounding, but stretches of one sign are taken at once, so that the cost follows
/// the number of sign changes and not the number of windows. `with_max`: also find the largest window.
void add_windows(const Load& load, double gain, const WindowRun& run, bool with_max, WindowSums& sums);

}  // namespace rbamp::simulator
