// `rbampctl meter-change`: another chip in the same place, or a register taken over from another meter.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_meter_change_command(CommandLine& line);

}  // namespace rbamp::ctl
