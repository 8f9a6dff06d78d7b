// `rbampctl reset`: resets a module, after its period was booked.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_reset_command(CommandLine& line);

}  // namespace rbamp::ctl
