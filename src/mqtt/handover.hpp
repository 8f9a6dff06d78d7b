// A take-over that is under way: what must still be said on topics that are not ours any more. Home-assistant 5, last part.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rbamp::mqtt {

/// It takes some seconds and must not stay half done: an old topic that only says "let go" is no entity any more, and nobody would
/// find it a second time. So it is remembered until it is done, and done again from its begin by the next connection.
struct Handover {
  std::string object_id;            ///< where the module is announced from now on
  std::string former_topic;         ///< of our own message, to be emptied; empty: there is none
  std::vector<std::string> topics;  ///< of the other program: told to let go, then cleared

  bool operator==(const Handover&) const = default;
};

/// For the state store. Pure.
[[nodiscard]] std::string to_text(const Handover& handover);
/// nullopt for an empty or a damaged text.
[[nodiscard]] std::optional<Handover> handover_from_text(const std::string& text);

}  // namespace rbamp::mqtt
