#include "metering/module_energy.hpp"

#include <utility>

namespace rbamp::metering {

namespace {

// The window that is under way at a latch belongs to the next period, at both ends.
constexpr Microseconds ends_of_a_period = std::chrono::milliseconds{400};

}  // namespace

// Holes were bridged and are marked by themselves; this is about time in which nobody looked, before our start for instance.
bool was_watched(const LiveEnergy& live, Microseconds length) {
  return live.covered + live.missed + ends_of_a_period + length / 50 >= length;
}

ChannelEnergy energy_of_channel(const ChannelMeasurement& measured, Microseconds length) {
  ChannelEnergy energy;
  energy.index = measured.index;
  if (measured.mean_power) energy.energy_import = energy_of(*measured.mean_power, length);
  if (measured.live) {
    energy.energy_export = measured.live->negative;
    const bool is_bridged = measured.live->negative.value() > 0.0 && !measured.live->is_complete();
    energy.export_is_estimated = is_bridged || !was_watched(*measured.live, length);
  }
  if (measured.invert) std::swap(energy.energy_import, energy.energy_export);
  return energy;
}

}  // namespace rbamp::metering
