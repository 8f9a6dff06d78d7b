// `rbampctl verify`: does the ledger hold what it promises?
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_verify_command(CommandLine& line);

}  // namespace rbamp::ctl
