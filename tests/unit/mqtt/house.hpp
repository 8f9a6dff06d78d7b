// Modules, readings and postings for the tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "metering/output.hpp"

namespace rbamp::mqtt {

inline constexpr UtcTime counters_made{std::chrono::seconds{1762171200}};  // 2025-11-03T12:00:00Z
inline constexpr UtcTime now_utc{std::chrono::seconds{1767603600}};        // 2026-01-05T09:00:00Z

/// A module of `variant` ("UI2": two channels with voltage) with channels "ch0", "ch1", "ch2".
[[nodiscard]] metering::ModuleDescription module_of(const std::string& variant, const std::string& id, const std::string& name);
/// The UI2 module "Workshop meter" of home-assistant 12, channels lights and sockets.
[[nodiscard]] metering::ModuleDescription workshop();
[[nodiscard]] metering::Reading workshop_reading(double lights_power = 348.2);
/// 0 A: no threshold. 30 A and 10 A transformers.
[[nodiscard]] metering::ModuleSettings workshop_settings(double current_threshold = 16.0);
[[nodiscard]] metering::RegisterReading registers(const std::string& channel, std::int64_t import_uwh,
                                                  std::int64_t export_uwh = 0, UtcTime since = counters_made);
/// One committed minute of the workshop: lights and sockets, with these registers after it.
[[nodiscard]] metering::CommittedModule workshop_minute(std::int64_t lights_import_uwh,
                                                        std::int64_t sockets_import_uwh = 88'001'000'000);
[[nodiscard]] metering::DaemonState daemon_state(std::uint32_t modules_online = 1, std::string problem = {});

}  // namespace rbamp::mqtt
