// What live values say about how clamps and voltage are connected. Pure. Protocol 14.4.
#pragma once

#include <array>
#include <optional>

#include "commissioning/finding.hpp"
#include "commissioning/live_feed.hpp"
#include "metering/output.hpp"

namespace rbamp::commissioning {

/// What is known of a module beside its values.
struct WiringContext {
  protocol::Variant variant = protocol::Variant::ui1;
  std::array<std::uint8_t, max_channels> ct_models{};
  std::optional<metering::Role> role;         ///< of the configuration; absent: not configured
  std::array<bool, max_channels> inverted{};  ///< the configuration turns this channel round already
  /// A person switched on a resistive load of about this power, which dominates the channel with the largest current.
  std::optional<Watts> load;
};

/// Findings about voltage, frequency, and each channel: no current, wrong or overloaded transformer, direction, phase.
[[nodiscard]] Findings check_wiring(I2cAddress module, const LiveValues& values, const WiringContext& context);

}  // namespace rbamp::commissioning
