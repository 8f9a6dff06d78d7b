// `rbampctl events`: what happened.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_events_command(CommandLine& line);

}  // namespace rbamp::ctl
