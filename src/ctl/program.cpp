#include "ctl/program.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <optional>
#include <ostream>

#include "ctl/command_list.hpp"
#include "ctl/completion.hpp"
#include "ctl/context.hpp"

namespace rbamp::ctl {
namespace {

constexpr const char* footer_text =
    "Exit status: 0 ok, 1 not well, 64 usage, 65 database, 69 unavailable, 77 permission, 78 configuration.\n"
    "rbampctl COMMAND --help explains a command. Manual: man rbampctl";

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--config", globals.config_file, "Configuration of rbampd (default: /etc/rbampd/rbampd.toml)")
      ->type_name("FILE");
  app.add_option("--ledger", globals.ledger_file, "Database to read (default: storage.path of the configuration)")
      ->type_name("FILE");
  app.add_flag("--json", globals.json, "Answer in JSON");
}

/// The word that stands where a command should; CLI11 only says that one is missing.
std::optional<std::string> unknown_command(const CLI::App& app) {
  const auto words = app.get_subcommands().empty() ? app.remaining() : std::vector<std::string>{};
  const auto word = std::find_if(words.begin(), words.end(), [](const auto& each) { return !each.starts_with('-'); });
  return word == words.end() ? std::nullopt : std::optional{*word};
}

int run_chosen(const Run& chosen, Context& context) {
  const int status = chosen(context);
  context.out().flush();
  if (context.out().good()) return status;
  context.err() << "rbampctl: the result could not be written; is the disk full?\n";
  return exit_status::output;
}

int parse_and_run(const std::vector<std::string>& arguments, Terminal& terminal, Clock& clock) {
  CLI::App app{"Asks and commands rbampd: the ledger of metered energy and the modules on the bus."};
  app.name("rbampctl");
  app.set_version_flag("--version", "rbampctl " RBAMP_VERSION);
  app.footer(footer_text);
  app.require_subcommand(1);
  Globals globals;
  add_globals(app, globals);
  CommandLine line{app};
  add_all_commands(line);
  if (!arguments.empty() && arguments.front() == "__complete") {
    const std::vector<std::string> words{arguments.begin() + 1, arguments.end()};
    for (const auto& word : complete(app, words, candidates_for(words))) terminal.out << word << '\n';
    return exit_status::ok;
  }
  try {
    app.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});  // CLI11 takes them from the back
  } catch (const CLI::ParseError& error) {
    if (const auto word = unknown_command(app)) {
      terminal.err << "rbampctl: there is no command \"" << *word << "\"; rbampctl --help lists them\n";
      return exit_status::usage;
    }
    const bool was_asked = app.exit(error, terminal.out, terminal.err) == 0;
    return was_asked ? exit_status::ok : exit_status::usage;
  }
  Context context{terminal, clock, std::move(globals)};
  return run_chosen(line.chosen(), context);
}

}  // namespace

int run(const std::vector<std::string>& arguments, Terminal& terminal, Clock& clock) {
  try {
    return parse_and_run(arguments, terminal, clock);
  } catch (const std::exception& reason) {
    terminal.err << "rbampctl: " << reason.what() << '\n';
    return exit_status::software;
  }
}

}  // namespace rbamp::ctl
