// Which rbampd a command may ask. Several may run on one host, each with a ledger of its own, but only one of them has the name
// org.rbampd1 on the message bus: by its ledger it is told from the one that a command is about.
#pragma once

#include "base/result.hpp"
#include "ctl/context.hpp"
#include "dbus/client.hpp"

namespace rbamp::ctl {

/// Whose rbampd is asked.
enum class Instance {
  configured,  ///< the one of the configuration that was given or found: the command acts on what that says
  any,         ///< whoever has the name, unless --config names one
};

/// Proves that `daemon` is the one: its ledger is the one that this command is about (Context::ledger_path). Of Instance::any
/// without --config there is nothing to prove, and nothing is asked. Blocks for one answer of the daemon.
/// Errors: daemon_missing when it is another one, naming both ledgers; those of Context::ledger_path and dbus::Client::status.
[[nodiscard]] Result<void> require_instance(Context& context, dbus::Client& daemon, Instance instance);

/// The rbampd on the message bus, when it is the one. Errors: those of dbus::Client::connect and require_instance.
[[nodiscard]] Result<dbus::Client> connect_to(Context& context, Instance instance);

}  // namespace rbamp::ctl
