// Taking over the entities of an older publisher, with their ids, settings and history. Home-assistant 5, last part.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "mqtt/device_document.hpp"

namespace rbamp::mqtt {

/// Home Assistant keeps an entity through the change from one topic per entity to a device message only when that message has the old
/// node id as its object id, the old object ids as component keys, and the same unique ids. So an adopted module carries them for ever.
struct Adoption {
  struct Entity {
    std::string key;        ///< the old object id
    std::string unique_id;  ///< the old one
    bool operator==(const Entity&) const = default;
  };
  std::string object_id;                   ///< the old node id
  std::map<std::string, Entity> entities;  ///< by our component key; components that are not named keep their own identity

  bool operator==(const Adoption&) const = default;
};

/// An entity that another program announced on `<prefix>/<platform>/<node id>/<object id>/config`.
struct ForeignEntity {
  std::string topic;
  std::string platform;
  std::string node_id;
  std::string object_id;
  std::string unique_id;
  std::string device_class;
  std::string name;
  std::string device_name;
};

/// nullopt for other topics, and for entities without unique id or device: those cannot be taken over. Short keys are understood.
[[nodiscard]] std::optional<ForeignEntity> parse_foreign(const std::string& prefix, const std::string& topic,
                                                         const std::string& payload);

/// The pairs that are beyond doubt: where platform and device class (and for energy the words import or export in the name) leave exactly
/// one of ours and one of theirs. `foreign` must be of one node; the rest is for the owner to say.
[[nodiscard]] Adoption propose_adoption(const DeviceDocument& ours, const std::vector<ForeignEntity>& foreign);

/// What taking over means, before it is done.
struct TakeOver {
  Adoption adoption;
  std::vector<ForeignEntity> taken;  ///< in the order of our component keys
  std::vector<ForeignEntity> left;   ///< of the same node: they stay as they are
};
/// The proposal, changed by what the owner says: our component key to their object id; an empty object id leaves that component of ours
/// as it is. `foreign` may hold other nodes too. Pure.
/// Errors: request_invalid when nobody announces `node_id`, for a key or object id that there is not, for two of different kinds, and
/// when nothing is left to take.
[[nodiscard]] Result<TakeOver> plan_take_over(const DeviceDocument& ours, const std::vector<ForeignEntity>& foreign,
                                              const std::string& node_id, const std::map<std::string, std::string>& pairs);

/// A program, or one of its devices, that announces a meter of electricity.
struct ForeignMeter {
  std::string node_id;
  std::string device_name;
  std::size_t entities = 0;
};
/// In the order of node ids. Pure.
[[nodiscard]] std::vector<ForeignMeter> meters_among(const std::vector<ForeignEntity>& foreign);

/// The document under its adopted identity. Pure.
[[nodiscard]] DeviceDocument adopted(DeviceDocument document, const Adoption& adoption);

/// By module id, for the state store. A damaged text gives none.
using Adoptions = std::map<std::string, Adoption>;
[[nodiscard]] std::string to_text(const Adoptions& adoptions);
[[nodiscard]] Adoptions adoptions_from_text(const std::string& text);

}  // namespace rbamp::mqtt
