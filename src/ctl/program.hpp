// rbampctl from its arguments to its exit status.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ctl/terminal.hpp"

namespace rbamp::ctl {

/// Parses `arguments` (without the program's name), runs the chosen command, returns the exit status. Blocks as the command does.
/// Throws nothing: an unexpected exception becomes a sentence and status 70.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Terminal& terminal, Clock& clock);

}  // namespace rbamp::ctl
