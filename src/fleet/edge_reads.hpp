// Reads that wait for an edge of DRDY: the loop prepares them, and the bus's worker, which meets the edge, begins them at once.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "fleet/edge_pattern.hpp"
#include "fleet/live_order.hpp"

namespace rbamp::fleet {

/// The module that has a DRDY line for itself, or nullopt: the line that the others share.
using LineOwner = std::optional<I2cAddress>;

/// Any thread. Nothing blocks. At most one read of each module.
class EdgeReads {
 public:
  void add(LineOwner line, const EdgePattern& pattern, LiveOrder order);
  /// False: it is not there any more, since its edge came.
  [[nodiscard]] bool take_back(const Module* module);
  void clear();
  /// That line fell: takes out the reads whose edge it is.
  [[nodiscard]] std::vector<LiveOrder> take(LineOwner line, BootTime fell);

 private:
  struct Waiting {
    LineOwner line;
    EdgePattern pattern;
    LiveOrder order;
  };
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
};

}  // namespace rbamp::fleet
