// `rbampctl history`: how much energy, and when.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_history_command(CommandLine& line);

}  // namespace rbamp::ctl
