// From what a module and the live readings say about a period to the two energies of each channel. Pure. Design section 3.
#pragma once

#include <optional>

#include "metering/book.hpp"
#include "metering/live_energy.hpp"

namespace rbamp::metering {

/// What is known about one channel in a closed period.
struct ChannelMeasurement {
  ChannelIndex index;
  bool invert = false;                 ///< clamp mounted the wrong way round: the module's import is our export
  std::optional<Watts> mean_power;     ///< the module's clamped average; absent: no voltage, or implausible
  std::optional<LiveEnergy> live;      ///< absent: not sampled at every window
  bool may_be_net = false;             ///< the firmware measures both directions: its average may be import less export (D37)
  std::optional<Watts> mean_export{};  ///< its own average of that, from an export register: then live power is not needed
  bool lost_export = false;            ///< it has such a register, which gave what no hardware can deliver
};

/// True when readings, or holes between them that were bridged, cover the period but for its ends.
[[nodiscard]] bool was_watched(const LiveEnergy& live, Microseconds length);

/// Import from the module's own average and export from its export register, else from live power; with `invert` the other way round.
/// The direction that comes from live power is absent when it was not sampled. Where the average may be net, a negative one is, and a
/// positive one that is nearer to the live windows' difference than to their import.
[[nodiscard]] ChannelEnergy energy_of_channel(const ChannelMeasurement& measured, Microseconds length);

}  // namespace rbamp::metering
