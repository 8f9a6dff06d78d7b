// Counts drained edges, and those that the kernel dropped where it numbers them.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "gpio/drdy_line.hpp"

namespace rbamp::gpio {

/// Lives as long as the line, since a drop shows only against the number of the edge before.
class EdgeTally {
 public:
  void begin() {
    lost_ = 0;
    fell_.clear();
  }
  /// `number` counts the edges of this line from 1 on (libgpiod 2.x); absent where the kernel does not number them (1.6).
  void add(EdgeTime at, std::optional<unsigned long> number) {
    fell_.push_back(at);
    if (!number) return;
    if (*number > last_number_ + 1) lost_ += *number - last_number_ - 1;
    last_number_ = *number;
  }
  /// The kernel stamps edges in CLOCK_MONOTONIC, which stands still in suspend while CLOCK_BOOTTIME goes on.
  [[nodiscard]] Edges edges(Nanoseconds boot_minus_monotonic) const {
    Edges edges{fell_.size(), lost_, {}};
    for (const auto at : fell_)
      edges.fell.emplace_back(std::chrono::floor<Microseconds>(at.time_since_epoch() + boot_minus_monotonic));
    return edges;
  }

 private:
  std::size_t lost_ = 0;
  std::vector<EdgeTime> fell_;
  unsigned long last_number_ = 0;
};

}  // namespace rbamp::gpio
