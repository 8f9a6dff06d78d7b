// `rbampctl record`: writes a conversation with the modules to a file.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_record_command(CommandLine& line);

}  // namespace rbamp::ctl
