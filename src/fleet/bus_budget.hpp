// Whether a bus carries the readings that its modules ask for. Pure. Protocol 3.3.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/clock.hpp"

namespace rbamp::fleet {

class BusBudget {
 public:
  /// The readings of one module.
  struct Reader {
    Microseconds every{};  ///< how often
    Microseconds takes{};  ///< one of them; zero: not known yet, counted as the others
  };
  /// More than the bus carries.
  struct Excess {
    std::size_t every_window = 0;  ///< modules that are to be read every 200 ms
    std::size_t seldom = 0;        ///< others
    Microseconds per_window{};     ///< what all that takes in 200 ms
    bool operator==(const Excess&) const = default;
  };

  /// Holds what is asked now against the bus. True when it carries it no more, or again, or other modules ask for too much.
  bool judge(std::span<const Reader> readers);
  [[nodiscard]] const std::optional<Excess>& excess() const { return excess_; }

 private:
  std::optional<Excess> excess_;
};

}  // namespace rbamp::fleet
