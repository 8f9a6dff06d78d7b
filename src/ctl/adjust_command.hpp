// `rbampctl adjust`: corrects a register by an amount.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_adjust_command(CommandLine& line);

}  // namespace rbamp::ctl
