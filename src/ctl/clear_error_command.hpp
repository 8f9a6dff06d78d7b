// `rbampctl clear-error`: clears a module's error.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_clear_error_command(CommandLine& line);

}  // namespace rbamp::ctl
