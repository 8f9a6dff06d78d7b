// `rbampctl explain`: how a stretch of energy came about.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_explain_command(CommandLine& line);

}  // namespace rbamp::ctl
