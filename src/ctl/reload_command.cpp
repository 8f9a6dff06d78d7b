#include "ctl/reload_command.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <ostream>

#include "dbus/client.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  int pid = 0;
};

bool is_out_of_reach(const Error& error) { return error.is(Errc::dbus_missing) || error.is(Errc::daemon_missing); }

int reload(const Options& options, Context& context) {
  auto client = dbus::Client::connect();
  if (!client) {
    // The unit hands over the process, so that a machine without D-Bus can reload, too: without an answer.
    if (!is_out_of_reach(client.error()) || options.pid <= 0) return context.fail(client.error());
    if (::kill(options.pid, SIGHUP) != 0)
      return context.fail(
          {Errc::daemon_missing, Remedy::give_up, "there is no process " + std::to_string(options.pid) + " to tell"});
    context.out() << "rbampd was told to read its configuration again; its log says what came of it\n";
    return exit_status::ok;
  }
  const auto told = client->reload();
  if (!told) return context.fail(told.error());
  context.out() << "The configuration was read again: " << *told << '\n';
  return exit_status::ok;
}

}  // namespace

void add_reload_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = line.add(
      {"reload", "Let rbampd read its configuration again, and say what it did (systemctl reload calls it)", "rbampctl reload"},
      [options](Context& context) { return reload(*options, context); });
  command.add_option("--pid", options->pid, "Where there is no D-Bus: send SIGHUP to this process")->type_name("PID");
}

}  // namespace rbamp::ctl
