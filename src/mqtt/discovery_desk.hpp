// Which device messages exist, with their stubs, and when each is to be sent. Sits between the publisher and the pure parts.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "log/logger.hpp"
#include "metering/output.hpp"
#include "mqtt/adoption.hpp"
#include "mqtt/announced_modules.hpp"
#include "mqtt/discovery.hpp"
#include "mqtt/discovery_diff.hpp"
#include "mqtt/discovery_schedule.hpp"
#include "mqtt/handover.hpp"
#include "mqtt/retirement.hpp"
#include "mqtt/state_store.hpp"
#include "mqtt/topics.hpp"

namespace rbamp::mqtt {

/// Loop thread only; nothing blocks. What it remembers goes to the state store at each change.
class DiscoveryDesk {
 public:
  /// What it asks the state store for.
  static constexpr std::array<const char*, 4> remembered_keys{"homeassistant.components", "homeassistant.adopted",
                                                              "homeassistant.modules", "homeassistant.handover"};

  DiscoveryDesk(const Topics& topics, Origin origin, const Clock& clock, StateStore& store, log::Logger& logger);

  void describe(const metering::ModuleDescription& module);
  /// From now on this module is announced under the identity that another program gave it; takes effect with its next describe().
  void adopt(const std::string& module_id, Adoption adoption);
  /// What a take-over still has to do, remembered until it is done; one at a time.
  void begin_handover(Handover handover);
  void end_handover();
  [[nodiscard]] const std::optional<Handover>& handover() const { return handover_; }
  /// The module's message: what stands in its discovery topic.
  [[nodiscard]] std::string object_id_of(const std::string& module_id) const;
  /// A module that is no longer metered, but may come back: what is announced stays with the broker.
  void drop(const std::string& module_id);
  /// The command to forget a module that is no longer metered: its message and stubs are gone from memory.
  void forget(const std::string& module_id);

  /// Our message as the broker held it when we came. `is_first` : read before we sent our own in this process.
  void on_held(const std::string& object_id, const std::string& payload, bool is_first);
  /// Somebody else emptied the topic: the user deleted the device or an entity of it.
  void on_emptied(const std::string& object_id);

  [[nodiscard]] DiscoverySchedule& schedule() { return schedule_; }
  [[nodiscard]] const std::string& bridge() const { return bridge_; }
  /// What is published at present, for comparing it with what a changed configuration would give.
  [[nodiscard]] DiscoverySet current() const;

 private:
  void refresh(const std::string& object_id);
  void withdraw(const std::string& object_id);
  void store_announced();

  const Topics& topics_;
  Origin origin_;
  const Clock& clock_;
  StateStore& store_;
  log::Logger& logger_;
  std::string bridge_;
  Retirement retirement_;
  Adoptions adoptions_;
  std::optional<Handover> handover_;
  Announced announced_;
  std::string announced_text_;  ///< as stored
  DiscoverySchedule schedule_;
  std::map<std::string, DeviceDocument> documents_;
};

}  // namespace rbamp::mqtt
