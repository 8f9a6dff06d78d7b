// rbampctl reload
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_reload_command(CommandLine& line);

}  // namespace rbamp::ctl
