// `rbampctl restore`: puts a backup in the place of the ledger.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_restore_command(CommandLine& line);

}  // namespace rbamp::ctl
