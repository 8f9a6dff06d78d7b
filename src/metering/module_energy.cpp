#include "metering/module_energy.hpp"

#include <utility>

namespace rbamp::metering {

ChannelEnergy energy_of_channel(const ChannelMeasurement& measured, Microseconds length) {
  ChannelEnergy energy;
  energy.index = measured.index;
  if (measured.mean_power) energy.energy_import = energy_of(*measured.mean_power, length);
  if (measured.live) {
    energy.energy_export = measured.live->negative;
    energy.export_is_estimated = measured.live->negative.value() > 0.0 && !measured.live->is_complete();
  }
  if (measured.invert) std::swap(energy.energy_import, energy.energy_export);
  return energy;
}

}  // namespace rbamp::metering
