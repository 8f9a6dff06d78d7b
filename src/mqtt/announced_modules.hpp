// What Home Assistant was told last, kept as the facts from which its messages are made: so that what a changed configuration will do
// can be said before it is applied, also while the daemon does not run.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "metering/output.hpp"
#include "mqtt/adoption.hpp"
#include "mqtt/discovery_diff.hpp"

namespace rbamp::mqtt {

struct Announced {
  std::string base_topic;
  std::string prefix;
  std::string software_version;
  /// By id. A module that is no longer metered stays until it is forgotten: so does what Home Assistant knows of it.
  std::map<std::string, metering::ModuleDescription> modules;
};

/// For the state store. Sorted, so that the same facts give the same text. Roles are left out: no message shows them.
[[nodiscard]] std::string to_text(const Announced& announced);
/// nullopt for a text that is damaged or from a later version.
[[nodiscard]] std::optional<Announced> announced_from_text(const std::string& text);
/// The messages that go with it, without stubs.
[[nodiscard]] DiscoverySet discovery_set(const Announced& announced, const Adoptions& adoptions);

}  // namespace rbamp::mqtt
