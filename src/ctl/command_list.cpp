#include "ctl/command_list.hpp"

#include "ctl/verify_command.hpp"

namespace rbamp::ctl {

void add_all_commands(CommandLine& line) {
  // The ledger: what was metered, and whether it is sound.
  add_verify_command(line);
}

}  // namespace rbamp::ctl
