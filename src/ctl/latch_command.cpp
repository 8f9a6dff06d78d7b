#include "ctl/latch_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"
#include "ctl/own_daemon.hpp"

namespace rbamp::ctl {
namespace {

int latch(Context& context) {
  auto client = connect_to(context, Instance::any);
  if (!client) return context.fail(client.error());
  if (const auto done = client->latch_now(); !done) return context.fail(done.error());
  if (context.wants_json()) {
    context.out() << to_text({{"is_booked", true}}) << '\n';
  } else {
    context.out() << "The running period was closed on every module and is booked.\n";
  }
  return exit_status::ok;
}

}  // namespace

void add_latch_command(CommandLine& line) {
  line.add(
      {"latch", "Let rbampd close the running period now, and wait until it is booked", "rbampctl latch\nrbampctl latch --json"},
      latch);
}

}  // namespace rbamp::ctl
