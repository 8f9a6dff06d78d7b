// `rbampctl info`: what a module says about itself.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_info_command(CommandLine& line);

}  // namespace rbamp::ctl
