// `rbampctl period`: closes a period, and shows what is or would be booked.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_period_command(CommandLine& line);

}  // namespace rbamp::ctl
