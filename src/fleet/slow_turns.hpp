// When the slow modules of a bus are read: one at a time, seldom, and where that keeps no neighbour from its window. Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace rbamp::fleet {

class SlowTurns {
 public:
  /// A read of another module that is planned. Those come again at each window.
  struct Planned {
    BootTime at{};
    Microseconds takes{};
    Microseconds bearable{};  ///< how late it may be
  };

  /// A slow module was read; the others take `busy` of each window.
  void read(BootTime begun, Microseconds took, Microseconds busy);
  /// Before that it is not worth asking.
  [[nodiscard]] BootTime next() const { return next_; }
  /// It has waited for so long that a neighbour may lose a window for it.
  [[nodiscard]] bool is_overdue(BootTime now) const { return now >= latest_; }
  /// The instant at which a read of `takes` does the least harm to the others, or nullopt: ask again at next().
  [[nodiscard]] std::optional<BootTime> choose(BootTime now, Microseconds takes, std::vector<Planned> others);

 private:
  BootTime next_{};
  BootTime latest_{};
};

}  // namespace rbamp::fleet
