// `rbampctl export`: the lines of the ledger for other programs.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_export_command(CommandLine& line);

}  // namespace rbamp::ctl
