// `rbampctl read`: live values, once.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_read_command(CommandLine& line);

}  // namespace rbamp::ctl
