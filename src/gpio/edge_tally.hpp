// Counts drained edges, and those that the kernel dropped where it numbers them.
#pragma once

#include <cstddef>
#include <optional>

#include "gpio/drdy_line.hpp"

namespace rbamp::gpio {

/// Lives as long as the line, since a drop shows only against the number of the edge before.
class EdgeTally {
 public:
  void begin() {
    edges_ = {};
    newest_ = {};
  }
  /// `number` counts the edges of this line from 1 on (libgpiod 2.x); absent where the kernel does not number them (1.6).
  void add(EdgeTime at, std::optional<unsigned long> number) {
    ++edges_.count;
    newest_ = at;
    if (!number) return;
    if (*number > last_number_ + 1) edges_.lost += *number - last_number_ - 1;
    last_number_ = *number;
  }
  /// The kernel stamps edges in CLOCK_MONOTONIC, which stands still in suspend while CLOCK_BOOTTIME goes on.
  [[nodiscard]] Edges edges(Nanoseconds boot_minus_monotonic) const {
    Edges edges = edges_;
    edges.newest = BootTime{std::chrono::floor<Microseconds>(newest_.time_since_epoch() + boot_minus_monotonic)};
    return edges;
  }

 private:
  Edges edges_;
  EdgeTime newest_{};
  unsigned long last_number_ = 0;
};

}  // namespace rbamp::gpio
