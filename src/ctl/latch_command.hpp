// rbampctl latch
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_latch_command(CommandLine& line);

}  // namespace rbamp::ctl
