// `rbampctl capture`: the raw wave form of a current.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_capture_command(CommandLine& line);

}  // namespace rbamp::ctl
