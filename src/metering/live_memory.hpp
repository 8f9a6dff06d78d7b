// What was seen of live power since a module's newest booked latch, kept outside the process: one that is killed loses its own memory, and
// nobody else knows what a roof delivered. Pure. Design section 3.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "metering/instant.hpp"
#include "metering/live_energy.hpp"

namespace rbamp::metering {

/// Of one module. Holds only together with the anchor that the ledger has: whatever was booked since makes it void.
struct LiveMemory {
  ModuleUid uid;
  Instant since;  ///< the latch after which `channels` were seen
  std::array<LiveIntegrator::State, max_channels> channels;
};

/// Where it is kept. Implemented by the daemon. Loop thread; neither call blocks for longer than a small file in memory takes.
class LiveKeeper {
 public:
  LiveKeeper() = default;
  LiveKeeper(const LiveKeeper&) = delete;
  LiveKeeper& operator=(const LiveKeeper&) = delete;
  virtual ~LiveKeeper() = default;

  /// Takes the place of what was kept of these modules. Best effort: nothing is lost by a failure but what a death would lose.
  virtual void keep(const std::vector<LiveMemory>& memories) = 0;
  /// The newest of this chip, by this process or one before it.
  [[nodiscard]] virtual std::optional<LiveMemory> recall(const ModuleUid& uid) const = 0;
};

}  // namespace rbamp::metering
