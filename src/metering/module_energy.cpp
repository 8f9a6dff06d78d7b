#include "metering/module_energy.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rbamp::metering {

namespace {

// The window that is under way at a latch belongs to the next period, at both ends.
constexpr Microseconds ends_of_a_period = std::chrono::milliseconds{400};

/// An average that is import less export, taken apart. The module's own export, when there is one, is exact.
void split_net(ChannelEnergy& energy, const std::optional<LiveEnergy>& live) {
  const double mean = energy.energy_import->value();
  const double seen_export = energy.energy_export ? energy.energy_export->value() : 0.0;
  const bool is_net = mean < 0.0 || (live && std::abs(mean - (live->positive.value() - live->negative.value())) <
                                                 std::abs(mean - live->positive.value()));
  if (!is_net) return;
  const double exported = std::max(seen_export, -mean);
  energy.energy_import = WattHours{mean + exported};
  energy.energy_export = WattHours{exported};
  if (energy.export_source == ExportSource::none) energy.export_source = ExportSource::module;
}

}  // namespace

// Holes were bridged and are marked by themselves; this is about time in which nobody looked, before our start for instance.
bool was_watched(const LiveEnergy& live, Microseconds length) {
  return live.covered + live.missed + ends_of_a_period + length / 50 >= length;
}

ChannelEnergy energy_of_channel(const ChannelMeasurement& measured, Microseconds length) {
  ChannelEnergy energy;
  energy.index = measured.index;
  if (measured.mean_power) energy.energy_import = energy_of(*measured.mean_power, length);
  if (measured.mean_export) {
    energy.energy_export = energy_of(*measured.mean_export, length);
    energy.export_source = ExportSource::module;
  } else if (measured.live) {
    energy.export_source = ExportSource::live;
    energy.energy_export = measured.live->negative;
    // What a clamp that never showed export would have shown in a short hole is not asked about. One that is turned has its import here.
    const auto& live = *measured.live;
    const bool is_short = live.missed * 4 <= live.covered + live.missed;
    const bool counts = live.negative.value() > 0.0 || measured.invert || !is_short;
    const bool is_bridged = counts && !live.is_complete();
    energy.export_is_estimated = is_bridged || !was_watched(*measured.live, length);
  }
  if (measured.lost_export && !measured.live) energy.export_is_estimated = true;
  if (measured.may_be_net && energy.energy_import) split_net(energy, measured.live);
  if (measured.invert) {
    std::swap(energy.energy_import, energy.energy_export);
    std::swap(energy.import_is_estimated, energy.export_is_estimated);
    energy.export_source = energy.energy_export ? ExportSource::module : ExportSource::none;
  }
  return energy;
}

}  // namespace rbamp::metering
