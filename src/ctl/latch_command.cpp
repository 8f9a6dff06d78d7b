#include "ctl/latch_command.hpp"

#include <ostream>

#include "dbus/client.hpp"

namespace rbamp::ctl {
namespace {

int latch(Context& context) {
  auto client = dbus::Client::connect();
  if (!client) return context.fail(client.error());
  if (const auto done = client->latch_now(); !done) return context.fail(done.error());
  context.out() << "The running period was closed on every module and is booked.\n";
  return exit_status::ok;
}

}  // namespace

void add_latch_command(CommandLine& line) {
  line.add({"latch", "Let rbampd close the running period now, and wait until it is booked", "rbampctl latch"}, latch);
}

}  // namespace rbamp::ctl
