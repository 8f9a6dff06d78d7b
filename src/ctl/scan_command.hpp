// `rbampctl scan`: who is on the bus.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_scan_command(CommandLine& line);

}  // namespace rbamp::ctl
