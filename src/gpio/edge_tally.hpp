// Counts drained edges, and those that the kernel dropped where it numbers them.
#pragma once

#include <cstddef>
#include <optional>

#include "gpio/drdy_line.hpp"

namespace rbamp::gpio {

/// Lives as long as the line, since a drop shows only against the number of the edge before.
class EdgeTally {
 public:
  void begin() { edges_ = {}; }
  /// `number` counts the edges of this line from 1 on (libgpiod 2.x); absent where the kernel does not number them (1.6).
  void add(EdgeTime at, std::optional<unsigned long> number) {
    ++edges_.count;
    edges_.newest = at;
    if (!number) return;
    if (*number > last_number_ + 1) edges_.lost += *number - last_number_ - 1;
    last_number_ = *number;
  }
  [[nodiscard]] const Edges& edges() const { return edges_; }

 private:
  Edges edges_;
  unsigned long last_number_ = 0;
};

}  // namespace rbamp::gpio
