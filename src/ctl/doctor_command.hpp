// `rbampctl doctor`: what is wrong with a bus and its modules, and what to do.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_doctor_command(CommandLine& line);

}  // namespace rbamp::ctl
