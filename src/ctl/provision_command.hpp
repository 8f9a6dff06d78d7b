// `rbampctl provision`: sets up a module fresh from the factory.
#pragma once

#include "ctl/command.hpp"

namespace rbamp::ctl {

void add_provision_command(CommandLine& line);

}  // namespace rbamp::ctl
