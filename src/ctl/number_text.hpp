// Numbers of the bus as people read them.
#pragma once

#include <optional>
#include <string>

#include "units/units.hpp"

namespace rbamp::ctl {

/// "12.35": rounded to so many decimals; never "-0.0". "-" for what is no number.
[[nodiscard]] std::string fixed(double value, int decimals);

/// The same for a quantity, "-" when it is absent.
template <class Tag>
[[nodiscard]] std::string fixed(const std::optional<Quantity<Tag>>& value, int decimals) {
  return value ? fixed(value->value(), decimals) : std::string{"-"};
}

}  // namespace rbamp::ctl
