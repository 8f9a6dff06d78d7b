#include "ctl/reload_command.hpp"

#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"
#include "ctl/own_daemon.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  int pid = 0;  ///< --pid; 0: not said
};

/// `done`: what rbampd says it did; none when it was told by a signal, which has no answer.
void print_answer(std::string_view way, const std::optional<std::string>& done, Context& context) {
  if (context.wants_json()) {
    const Json answer{{"way", way}, {"done", done ? Json(*done) : Json(nullptr)}};
    context.out() << to_text(answer) << '\n';
  } else if (done) {
    context.out() << "The configuration was read again: " << *done << '\n';
  } else {
    context.out() << "rbampd was told to read its configuration again; its log says what came of it\n";
  }
}

bool is_out_of_reach(const Error& error) { return error.is(Errc::dbus_missing) || error.is(Errc::daemon_missing); }

/// Without an answer: for a machine without D-Bus, and for a second rbampd, of which only one can have the name.
int send_signal(int process, Context& context) {
  if (::kill(process, SIGHUP) != 0) {
    const std::string number = std::to_string(process);
    return context.fail(errno == EPERM
                            ? Error{Errc::daemon_refused, Remedy::give_up,
                                    "you may not signal process " + number + ": be root, or the user that it runs as"}
                            : Error{Errc::daemon_missing, Remedy::give_up, "there is no process " + number + " to tell"});
  }
  print_answer("signal", std::nullopt, context);
  return exit_status::ok;
}

int reload(const Options& options, Context& context) {
  auto client = dbus::Client::connect();
  if (!client) {
    return options.pid > 0 && is_out_of_reach(client.error()) ? send_signal(options.pid, context) : context.fail(client.error());
  }
  if (options.pid > 0) {
    const auto owner = client->process_id();
    if (!owner || *owner != options.pid) return send_signal(options.pid, context);
  }
  if (const auto same = require_instance(context, *client, Instance::any); !same) return context.fail(same.error());
  const auto told = client->reload();
  if (!told) return context.fail(told.error());
  print_answer("dbus", *told, context);
  return exit_status::ok;
}

}  // namespace

void add_reload_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"reload", "Let rbampd read its configuration again, and say what it did (systemctl reload calls it)",
                "rbampctl reload\nrbampctl reload --json"},
               [options](Context& context) { return reload(*options, context); });
  command.add_option("--pid", options->pid, "This process: asked over D-Bus if it has the name there, else told by SIGHUP")
      .type_name("PID")
      .above_zero();
}

}  // namespace rbamp::ctl
