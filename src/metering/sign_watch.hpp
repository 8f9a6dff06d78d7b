// A clamp that seems to be mounted the wrong way round: power of a sign that the role cannot have, for long. Pure.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "metering/output.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// A load does not generate; a solar inverter draws a few watts at night and no more. Grid, battery and other may do both.
class SignWatch {
 public:
  static constexpr Microseconds hold = std::chrono::minutes{10};
  static constexpr Watts least_of_load{-50.0};
  static constexpr Watts most_of_solar{200.0};

  explicit SignWatch(Role role) : role_(role) {}

  /// True once when the wrong sign has lasted for `hold`; again only after the right one has lasted as long.
  [[nodiscard]] bool add(BootTime at, Watts power);

 private:
  Role role_;
  bool is_told_ = false;
  bool was_wrong_ = false;
  std::optional<BootTime> since_;
};

}  // namespace rbamp::metering
