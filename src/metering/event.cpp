#include "metering/event.hpp"

namespace rbamp::metering {

std::string_view to_string(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::turn_on: return "turn_on";
    case EventKind::turn_off: return "turn_off";
    case EventKind::over_voltage: return "over_voltage";
    case EventKind::under_voltage: return "under_voltage";
    case EventKind::voltage_normal: return "voltage_normal";
    case EventKind::frequency_abnormal: return "frequency_abnormal";
    case EventKind::frequency_normal: return "frequency_normal";
    case EventKind::threshold_current: return "threshold_current";
    case EventKind::threshold_power: return "threshold_power";
    case EventKind::module_reset: return "module_reset";
    case EventKind::module_lost: return "module_lost";
    case EventKind::module_back: return "module_back";
    case EventKind::module_error: return "module_error";
    case EventKind::clamp_reversed: return "clamp_reversed";
    case EventKind::clamp_saturated: return "clamp_saturated";
    case EventKind::rulers_disagree: return "rulers_disagree";
  }
  return "unknown";
}

}  // namespace rbamp::metering
