// What a changed configuration will do to the entities in Home Assistant, before it is applied.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "metering/output.hpp"
#include "mqtt/discovery.hpp"

namespace rbamp::mqtt {

struct DiscoveryChange {
  enum class Kind {
    device_added,
    device_left,     ///< no message any more: entities become unavailable, nothing is deleted
    device_changed,  ///< name, model, versions
    entity_added,
    entity_removed,   ///< its entity will be deleted, with its settings; its history stays in the recorder
    entity_changed,   ///< updated in place, history goes on
    entity_replaced,  ///< another unique id or platform under the same key: the old entity dies, history splits
  };
  Kind kind;
  std::string object_id;
  std::string component;  ///< key; empty for a device
  std::string detail;     ///< one line for a person: "name: \"Mains\" -> \"House\""

  bool operator==(const DiscoveryChange&) const = default;
};

/// Device messages by object id, as published. A message that cannot be parsed counts as absent.
using DiscoverySet = std::map<std::string, std::string>;

/// What a configuration announces: the daemon and these modules, without stubs.
[[nodiscard]] DiscoverySet discovery_set(const Topics& topics, const Origin& origin,
                                         const std::vector<metering::ModuleDescription>& modules);
/// Changes in the order of object ids and keys; empty when Home Assistant will notice nothing. Pure.
[[nodiscard]] std::vector<DiscoveryChange> compare(const DiscoverySet& before, const DiscoverySet& after);
/// Unique ids that more than one entity of the set claims, each with its platform ("sensor rbamp_a_b_c_power"): Home Assistant
/// refuses the second one. Module "a" with channel "b_c" and module "a_b" with channel "c" do that.
[[nodiscard]] std::vector<std::string> repeated_unique_ids(const DiscoverySet& set);
/// "entity_added"
[[nodiscard]] std::string_view to_string(DiscoveryChange::Kind kind) noexcept;
/// True for what costs entities, settings or history.
[[nodiscard]] bool is_loss(const DiscoveryChange& change) noexcept;
/// "+ rbamp_mains/house_power: new entity", one line per change.
[[nodiscard]] std::string to_string(const DiscoveryChange& change);

}  // namespace rbamp::mqtt
