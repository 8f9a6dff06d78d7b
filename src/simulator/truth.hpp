// What really happened in a simulated world: the reference that a ledger is held against.
#pragma once

#include <cstdint>

#include "units/units.hpp"

namespace rbamp::simulator {

/// Of one channel, since the world began. Window sums satisfy
///   windowed_import = delivered + waiting + never_read + pending + lost_in_reset    (up to rounding)
/// and differ from the physical energy by what the clamp hides, by the window that is under way, and by the time without power.
struct ChannelTruth {
  WattHours physical_import;  ///< what an ideal bidirectional meter would show, module powered or not
  WattHours physical_export;
  WattHours windowed_import;  ///< sum of max(P, 0) over committed windows: all that a BASIC module can tell
  WattHours windowed_export;  ///< sum of max(-P, 0): all that a master reading every window can tell
  WattHours delivered;        ///< import in snapshots that a master has read
  WattHours waiting;          ///< import in a snapshot that nobody has read yet
  WattHours never_read;       ///< import in snapshots that were replaced or lost unread
  WattHours pending;          ///< import in the running accumulator
  WattHours lost_in_reset;    ///< import that was in the accumulator when the module restarted
};

}  // namespace rbamp::simulator
