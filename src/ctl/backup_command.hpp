// `rbampctl backup`: a consistent copy of the ledger while it is written.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_backup_command(CommandLine& line);

}  // namespace rbamp::ctl
