// Stored and shown words of the enumerations in quality.hpp and output.hpp.
#include "metering/output.hpp"
#include "metering/quality.hpp"

namespace rbamp::metering {

std::string_view to_string(Quality quality) noexcept {
  switch (quality) {
    case Quality::measured: return "measured";
    case Quality::recovered: return "recovered";
    case Quality::estimated: return "estimated";
    case Quality::gap: return "gap";
    case Quality::adjustment: return "adjustment";
  }
  return "unknown";
}

std::string_view to_string(Reason reason) noexcept {
  switch (reason) {
    case Reason::none: return "none";
    case Reason::own_downtime: return "own_downtime";
    case Reason::module_reset: return "module_reset";
    case Reason::foreign_latch: return "foreign_latch";
    case Reason::clock_untrusted: return "clock_untrusted";
    case Reason::snapshot_lost: return "snapshot_lost";
    case Reason::meter_changed: return "meter_changed";
    case Reason::unknown_evidence: return "unknown_evidence";
    case Reason::live_hole: return "live_hole";
    case Reason::voltage_borrowed: return "voltage_borrowed";
    case Reason::correction: return "correction";
    case Reason::meter_takeover: return "meter_takeover";
    case Reason::implausible: return "implausible";
    case Reason::first_latch: return "first_latch";
    case Reason::damaged_module: return "damaged_module";
  }
  return "unknown";
}

std::optional<Quality> quality_from(std::int64_t stored) noexcept {
  if (stored < 0 || stored > static_cast<std::int64_t>(Quality::adjustment)) return std::nullopt;
  return static_cast<Quality>(stored);
}

std::optional<Reason> reason_from(std::int64_t stored) noexcept {
  if (stored < 0 || stored > static_cast<std::int64_t>(Reason::damaged_module)) return std::nullopt;
  return static_cast<Reason>(stored);
}

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::grid: return "grid";
    case Role::solar: return "solar";
    case Role::battery: return "battery";
    case Role::load: return "load";
    case Role::other: return "other";
  }
  return "unknown";
}

}  // namespace rbamp::metering
