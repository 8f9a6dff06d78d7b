// The list of all commands.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

/// Adds every command, in the order in which --help shows them.
void add_all_commands(CommandLine& line);

}  // namespace rbamp::ctl
