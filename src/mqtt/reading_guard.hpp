// A published register never falls while its `since` is unchanged: the rule that keeps Home Assistant's sums true. Home-assistant 10.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "metering/output.hpp"
#include "mqtt/state_payload.hpp"

namespace rbamp::mqtt {

/// Remembers per energy topic what the world has seen, from our own publications and from what the broker still holds of the
/// process before. Pure; loop thread only.
///
/// Normally the ledger is never behind, since commit comes before publish. It is after somebody restored an older database: then the
/// higher value is held until the ledger has caught up, and the owner is told.
class ReadingGuard {
 public:
  struct Admitted {
    ShownRegisters shown;
    bool is_held = false;  ///< the ledger has less than the world has seen
  };

  /// A value that the broker holds. More than `most_unknown` topics are not remembered: the base topic may be shared with strangers.
  void remember(const std::string& topic, const ShownRegisters& seen);
  /// What to publish for these committed registers, and remembers it as seen.
  [[nodiscard]] Admitted admit(const std::string& topic, const metering::RegisterReading& committed);
  void forget(const std::string& topic) { seen_.erase(topic); }
  [[nodiscard]] bool knows(const std::string& topic) const { return seen_.contains(topic); }
  [[nodiscard]] std::vector<std::string> topics() const;

  static constexpr std::size_t most_unknown = 512;

 private:
  std::map<std::string, ShownRegisters> seen_;
};

}  // namespace rbamp::mqtt
