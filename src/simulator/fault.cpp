#include "simulator/fault.hpp"

#include <array>
#include <utility>

namespace rbamp::simulator {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 25> kinds{{
    {"nack_address", FaultKind::nack_address},
    {"nack_data", FaultKind::nack_data},
    {"emi_burst", FaultKind::emi_burst},
    {"bit_flip", FaultKind::bit_flip},
    {"lost_write", FaultKind::lost_write},
    {"lost_ack", FaultKind::lost_ack},
    {"bus_stuck", FaultKind::bus_stuck},
    {"adapter_error", FaultKind::adapter_error},
    {"slow_bus", FaultKind::slow_bus},
    {"power_cycle", FaultKind::power_cycle},
    {"watchdog_reset", FaultKind::watchdog_reset},
    {"unplug", FaultKind::unplug},
    {"replace_chip", FaultKind::replace_chip},
    {"error_state", FaultKind::error_state},
    {"blank_flash", FaultKind::blank_flash},
    {"foreign_latch", FaultKind::foreign_latch},
    {"chip_clock", FaultKind::chip_clock},
    {"miss_broadcast", FaultKind::miss_broadcast},
    {"empty_latch", FaultKind::empty_latch},
    {"slow_latch", FaultKind::slow_latch},
    {"overload", FaultKind::overload},
    {"drdy_silent", FaultKind::drdy_silent},
    {"drdy_stuck", FaultKind::drdy_stuck},
    {"drdy_noise", FaultKind::drdy_noise},
    {"mains_outage", FaultKind::mains_outage},
}};

Fault with_probability(FaultKind kind, double probability) {
  Fault fault;
  fault.kind = kind;
  fault.value = probability;
  return fault;
}

}  // namespace

std::optional<FaultKind> fault_kind_from(std::string_view name) noexcept {
  for (const auto& [text, kind] : kinds) {
    if (text == name) return kind;
  }
  return std::nullopt;
}

std::string_view to_string(FaultKind kind) noexcept {
  for (const auto& [text, known] : kinds) {
    if (known == kind) return text;
  }
  return "unknown";
}

Fault steady_nacks_at_100khz() { return with_probability(FaultKind::nack_address, 0.20); }

Fault steady_nacks_at_50khz() { return with_probability(FaultKind::nack_address, 0.008); }

Fault emi_burst(Microseconds at, Microseconds lasting) {
  auto fault = with_probability(FaultKind::emi_burst, 0.67);
  fault.at = at;
  fault.lasting = lasting;
  return fault;
}

}  // namespace rbamp::simulator
