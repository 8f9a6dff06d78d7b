// Which place a module meters, as the configuration says it or as the hardware completes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "metering/output.hpp"
#include "protocol/variant.hpp"

namespace rbamp::fleet {

struct ChannelAssignment {
  ChannelIndex index;
  std::string id;
  std::string name;
  bool invert = false;
};

/// What a module without a voltage input is metered with. Its energy is an estimate.
struct VoltageSource {
  std::string module_id;      ///< a module with a voltage input, on any bus
  double power_factor = 1.0;  ///< assumed, of every channel
};

/// Which place a module at an address meters.
struct Assignment {
  I2cAddress address;
  std::string place_id;
  std::string name;
  metering::Role role = metering::Role::other;
  std::optional<ModuleUid> pinned;
  std::vector<ChannelAssignment> channels;  ///< empty: all of the variant
  bool has_demand = false;                  ///< demand is worked out for its channels
  std::optional<VoltageSource> voltage_from{};
  bool lends_voltage = false;  ///< another module is metered with its voltage
  std::optional<std::uint8_t>
      export_register{};  ///< protocol/export_register.hpp; of no effect on firmware that clamps export away
};

/// With the channels that the hardware has: all of them when none is named.
[[nodiscard]] Assignment completed(Assignment assignment, protocol::Variant variant);

/// The channels that `completed` leaves out, since the hardware has no such input.
[[nodiscard]] std::vector<ChannelAssignment> without_input(const Assignment& assignment, protocol::Variant variant);

/// True when both name the same channels by the same ids, in the same order.
[[nodiscard]] bool has_same_channels(const Assignment& left, const Assignment& right);

}  // namespace rbamp::fleet
