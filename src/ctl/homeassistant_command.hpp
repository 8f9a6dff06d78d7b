// rbampctl homeassistant: what a changed configuration does to entities, forgetting modules, taking over another program's entities.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_homeassistant_command(CommandLine& line);

}  // namespace rbamp::ctl
