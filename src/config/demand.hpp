// [demand]: the mean power that tariffs bill.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace rbamp::config {

enum class DemandScope : std::uint8_t {
  none,
  grid,  ///< modules with role = "grid"
  all,
};

struct Demand {
  Microseconds window = std::chrono::minutes{15};  ///< divides an hour
  DemandScope scope = DemandScope::grid;

  bool operator==(const Demand&) const = default;
};

}  // namespace rbamp::config
