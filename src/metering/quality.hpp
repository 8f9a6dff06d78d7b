// How a stretch of energy was obtained, and why it is not simply measured. The numbers are stored: never renumber.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rbamp::metering {

enum class Quality : std::uint8_t {
  measured = 0,    ///< the module's average over exactly this period
  recovered = 1,   ///< exact, across our own down time: the module went on averaging
  estimated = 2,   ///< bounded, the reason says why
  gap = 3,         ///< nobody knows; the energy is 0 and the reason says why
  adjustment = 4,  ///< a dated correction by a person; covers no time
};

enum class Reason : std::uint8_t {
  none = 0,
  own_downtime = 1,      ///< the daemon was not running (recovered)
  module_reset = 2,      ///< the module restarted; what it had averaged is gone
  foreign_latch = 3,     ///< somebody else latched the module
  clock_untrusted = 4,   ///< the host rebooted and UTC could not be trusted at both ends
  snapshot_lost = 5,     ///< a period was closed but its snapshot could not be read before it was replaced
  meter_changed = 6,     ///< another chip in the same place
  unknown_evidence = 7,  ///< this firmware does not tell whether it was reset or latched
  live_hole = 8,         ///< export only: some windows were missed
  voltage_borrowed = 9,  ///< current-only module: power from another module's voltage and a fixed power factor
  correction = 10,       ///< adjustment by a person
  meter_takeover = 11,   ///< first reading taken over from another meter
  implausible = 12,      ///< the module answered a value that no hardware of its kind can deliver
  first_latch = 13,      ///< primer: what was averaged before belongs to nobody
  damaged_module = 14,   ///< the module itself reports that its calibration is damaged
};

[[nodiscard]] std::string_view to_string(Quality quality) noexcept;
[[nodiscard]] std::string_view to_string(Reason reason) noexcept;

/// Only numbers that are written above, so that a damaged row is noticed.
[[nodiscard]] std::optional<Quality> quality_from(std::int64_t stored) noexcept;
[[nodiscard]] std::optional<Reason> reason_from(std::int64_t stored) noexcept;

}  // namespace rbamp::metering
