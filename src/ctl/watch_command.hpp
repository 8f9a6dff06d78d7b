// `rbampctl watch`: live values, again and again.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_watch_command(CommandLine& line);

}  // namespace rbamp::ctl
