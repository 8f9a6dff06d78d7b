// The JSON of every state topic. Flat objects that always carry every key; what is not measured is null. Home-assistant 7 and 8.
#pragma once

#include <optional>
#include <string>

#include "metering/output.hpp"

namespace rbamp::mqtt {

/// A channel's registers as the world sees them: whole watt-hours, and when they were created (to the second).
struct ShownRegisters {
  std::int64_t import_wh = 0;
  std::int64_t export_wh = 0;
  UtcTime since{};

  bool operator==(const ShownRegisters&) const = default;
};

/// {"started","modules_online","bus_errors","problem","problem_text"}
[[nodiscard]] std::string daemon_state_payload(const metering::DaemonState& state);
/// {"voltage","frequency","last_read"}; V to 0.1, Hz to 0.01
[[nodiscard]] std::string module_state_payload(const metering::Reading& reading);
/// {"current","power","reactive_power","power_factor"}; A to 0.001, W and var to 0.1, factor to 0.001
[[nodiscard]] std::string channel_state_payload(const metering::ChannelReading& reading);
/// {"import","export","since"}; kWh to 0.001, rounded down
[[nodiscard]] std::string energy_payload(const ShownRegisters& registers);
/// {"begin","end","dt_s","power","import_wh","export_wh","quality"}; the mean power is null where nobody knows it (a gap) or there
/// is none (an adjustment covers no time)
[[nodiscard]] std::string period_payload(const metering::CommittedPosting& posting);

/// {"event_type","text","time",...}; beside them "channel" and, as far as they mean something, "power", "delta", "average", "voltage",
/// "frequency", "ratio"
[[nodiscard]] std::string event_payload(const metering::Event& event);
/// {"window_s","demand","forecast","last","peak","peak_begin"}; W to 0.1
[[nodiscard]] std::string demand_payload(const metering::DemandReport& report);

/// {"over_current","over_power","ct0"...}: what set topics are named after; A to 0.01 and W, 0 for a threshold that is off; null for
/// what the module does not have, and for a current transformer that is none of its choice. One "ct" for each input with a channel.
[[nodiscard]] std::string settings_payload(const metering::ModuleDescription& module, const metering::ModuleSettings& settings);

/// Reads an energy payload back. nullopt for anything that this program could not have written: not JSON, keys missing, negative or
/// absurd numbers, a time without zone.
[[nodiscard]] std::optional<ShownRegisters> parse_energy(const std::string& payload);

}  // namespace rbamp::mqtt
