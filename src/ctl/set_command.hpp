// `rbampctl set`: one setting of a module.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_set_command(CommandLine& line);

}  // namespace rbamp::ctl
