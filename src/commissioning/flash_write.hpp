// Commands that write the module's flash: it endures some 10,000 of them, so nothing here repeats one without need.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "protocol/commands.hpp"

namespace rbamp::commissioning {

/// Sends SAVE_USER_CONFIG or COMMIT_ADDR and waits until the module answers again: 0.7 s, during which it acknowledges nothing and
/// must keep its supply. A command whose write failed is sent again only when the module proves, by answering at once, that
/// it is not writing; at most four times. What was stored is proven by a reset and nothing else.
/// Protocol 6, 8.3, 14.2.
/// Errors: rejected (unarmed or late COMMIT_ADDR); bus_nack when the command cannot be delivered (nothing was stored) or when the
/// module does not come back, with where it is instead; rejected when its flash is torn.
[[nodiscard]] Result<void> write_flash(const ModuleLink& module, protocol::Command command);

/// half_done() for an error after such a command: `state` and `way_on` are added when the module still answers at its address and has
/// its settings. Of one that lost them, or is silent, they would be untrue, and the error has said what is known. Asks the module.
[[nodiscard]] Error half_stored(const ModuleLink& module, Error error, std::string_view state, std::string_view way_on);

}  // namespace rbamp::commissioning
