// Taking over the entities of an older publisher, with their ids, settings and history. Home-assistant 5, last part.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

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
};

/// nullopt for other topics, and for entities without unique id or device: those cannot be taken over. Short keys are understood.
[[nodiscard]] std::optional<ForeignEntity> parse_foreign(const std::string& prefix, const std::string& topic,
                                                         const std::string& payload);

/// The pairs that are beyond doubt: where platform and device class (and for energy the words import or export in the name) leave exactly
/// one of ours and one of theirs. `foreign` must be of one node; the rest is for the owner to say.
[[nodiscard]] Adoption propose_adoption(const DeviceDocument& ours, const std::vector<ForeignEntity>& foreign);

/// The document under its adopted identity. Pure.
[[nodiscard]] DeviceDocument adopted(DeviceDocument document, const Adoption& adoption);

/// By module id, for the state store. A damaged text gives none.
using Adoptions = std::map<std::string, Adoption>;
[[nodiscard]] std::string to_text(const Adoptions& adoptions);
[[nodiscard]] Adoptions adoptions_from_text(const std::string& text);

}  // namespace rbamp::mqtt
