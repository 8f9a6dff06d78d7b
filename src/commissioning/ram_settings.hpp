// Settings that every reset clears, to be put back by whoever resets. Protocol 8.2.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "protocol/digest.hpp"
#include "protocol/threshold.hpp"

namespace rbamp::commissioning {

struct RamSettings {
  protocol::DigestMask digest;
  protocol::Events event_mask;
  std::uint16_t threshold_current = protocol::threshold_off;  ///< raw, 0.01 A
  std::uint16_t threshold_power = protocol::threshold_off;    ///< raw, 1 W

  /// As they are now. Errors: bus_*, torn_read.
  [[nodiscard]] static Result<RamSettings> read(const ModuleLink& module);
  /// Writes what is not at its value after a reset, thresholds before the mask, so that nothing trips that nobody set.
  /// Errors: rejected, bus_*.
  [[nodiscard]] Result<void> restore(const ModuleLink& module) const;

  bool operator==(const RamSettings&) const = default;
};

/// Writes one threshold, in the order that lets nothing trip on the way, and reads it back. `start` is thresh_i_hi or thresh_p_hi.
/// Errors: rejected, bus_*; torn_read when the module shows something else afterwards.
[[nodiscard]] Result<void> write_threshold(const ModuleLink& module, protocol::reg::Address start, std::uint16_t from,
                                           std::uint16_t to);

}  // namespace rbamp::commissioning
