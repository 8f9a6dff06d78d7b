// What happened in the house or to a module, for people: the ledger's event table, the journal, MQTT. Never part of the accounts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

enum class EventKind : std::uint8_t {
  turn_on,   ///< power of a channel rose by a step and stayed
  turn_off,  ///< it fell
  over_voltage,
  under_voltage,
  voltage_normal,
  frequency_abnormal,
  frequency_normal,
  threshold_current,  ///< the module's own threshold was crossed
  threshold_power,
  module_reset,
  module_lost,
  module_back,
  module_error,     ///< its error register is not zero
  clamp_reversed,   ///< suspected: the sign does not fit the role
  clamp_saturated,  ///< the current input clips
  rulers_disagree,  ///< the module's average and the sum of its live power differ
};
inline constexpr std::size_t event_kinds = 16;
[[nodiscard]] std::string_view to_string(EventKind kind) noexcept;

/// What was measured; absent where it means nothing.
struct EventValues {
  std::optional<Watts> power;    ///< after a step
  std::optional<Watts> delta;    ///< of a step
  std::optional<Watts> average;  ///< before a step
  std::optional<Volts> voltage;
  std::optional<Hertz> frequency;
  std::optional<double> ratio;  ///< of the two rulers
};

struct Event {
  std::string module_id;
  std::string channel_id;  ///< empty: the module
  EventKind kind = EventKind::module_reset;
  BootTime at{};
  UtcTime utc{};
  std::string text;  ///< one sentence
  EventValues values;
};

}  // namespace rbamp::metering
