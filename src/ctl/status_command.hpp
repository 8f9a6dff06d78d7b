// rbampctl status: is all well?
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_status_command(CommandLine& line);

}  // namespace rbamp::ctl
