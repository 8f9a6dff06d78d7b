#include "protocol/flags.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace rbamp::protocol {
namespace {

template <class Bit, std::size_t N>
std::string words(Flags<Bit> flags, const std::array<std::pair<Bit, std::string_view>, N>& names) {
  std::string text;
  const auto append = [&text](std::string_view word) {
    if (!text.empty()) text += ", ";
    text += word;
  };
  unsigned named = 0;
  for (const auto& [bit, word] : names) {
    named |= static_cast<unsigned>(bit);
    if (flags.has(bit)) append(word);
  }
  for (unsigned bit = 0; bit < 8 * sizeof(Bit); ++bit) {
    const unsigned value = 1U << bit;
    if ((flags.raw() & value) != 0 && (named & value) == 0) append("bit " + std::to_string(bit));
  }
  return text.empty() ? std::string{"none"} : text;
}

using namespace std::string_view_literals;

constexpr std::array status_names{
    std::pair{StatusBit::ready, "ready"sv},
    std::pair{StatusBit::error, "error"sv},
    std::pair{StatusBit::events_pending, "events pending"sv},
};

constexpr std::array event_names{
    std::pair{Event::reset_occurred, "reset occurred"sv},
    std::pair{Event::error, "error"sv},
    std::pair{Event::threshold_current, "current threshold crossed"sv},
    std::pair{Event::threshold_power, "power threshold crossed"sv},
    std::pair{Event::config_changed, "configuration changed"sv},
    std::pair{Event::period_ready, "period ready"sv},
};

constexpr std::array reset_names{
    std::pair{ResetCause::watchdog, "watchdog"sv},
    std::pair{ResetCause::window_watchdog, "window watchdog"sv},
    std::pair{ResetCause::power_on, "power on or brown-out"sv},
    std::pair{ResetCause::software, "reset command"sv},
    std::pair{ResetCause::low_power, "low power"sv},
    std::pair{ResetCause::pin, "reset pin"sv},
};

constexpr std::array capability_names{
    std::pair{Capability::zc_phase_offset, "voltage input"sv},
    std::pair{Capability::gc_latch, "broadcast latch"sv},
    std::pair{Capability::gc_group_filter, "broadcast groups"sv},
    std::pair{Capability::digest, "digest"sv},
    std::pair{Capability::events, "events"sv},
    std::pair{Capability::two_phase_address, "two-phase address change"sv},
    std::pair{Capability::save_user_config, "saved configuration"sv},
    std::pair{Capability::clear_error, "clear error"sv},
    std::pair{Capability::ext_addressing, "extended addressing"sv},
    std::pair{Capability::uid_arbitration, "UID arbitration"sv},
    std::pair{Capability::seal, "seal"sv},
    std::pair{Capability::iap, "in-application programming"sv},
};

}  // namespace

std::string to_string(Status status) { return words(status, status_names); }
std::string to_string(Events events) { return words(events, event_names); }
std::string to_string(ResetCauses causes) { return words(causes, reset_names); }
std::string to_string(Capabilities capabilities) { return words(capabilities, capability_names); }

}  // namespace rbamp::protocol
