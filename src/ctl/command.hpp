// How a command joins rbampctl: it is one file that adds itself to the command line and, when it was chosen, runs.
//
//   void add_frob_command(CommandLine& line) {
//     const auto options = std::make_shared<Options>();  // lives as long as the command line
//     Arguments command = line.add({.name = "frob", .summary = "...", .example = "rbampctl frob mains"},
//                                  [options](Context& context) { return frob(*options, context); });
//     command.add_option("MODULE", options->module, "Which module").required().type_name("");
//   }
//
// Then its name goes into ctl/command_list.cpp, and its description into docs/rbampctl.md and docs/man/rbampctl.1.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ctl/arguments.hpp"
#include "ctl/context.hpp"

namespace CLI {
class App;
}

namespace rbamp::ctl {

struct CommandText {
  std::string name;     ///< one lower-case word, with hyphens
  std::string summary;  ///< what --help shows: one sentence without a full stop, or more
  std::string example;  ///< one command line, or several with line breaks
};

/// Runs the command; returns one of exit_status. May block as long as it likes; throws nothing but std::bad_alloc and the like.
using Run = std::function<int(Context&)>;

/// The commands of one program, in the order in which --help shows them.
class CommandLine {
 public:
  explicit CommandLine(CLI::App& app) : app_(app) {}

  /// Adds a subcommand; the caller adds its options. --config, --ledger and --json are understood anyway.
  Arguments add(const CommandText& text, Run run);

  /// The command that the user chose, after parsing; empty when there is none.
  [[nodiscard]] Run chosen() const;

 private:
  CLI::App& app_;
  std::vector<std::pair<CLI::App*, Run>> commands_;
};

}  // namespace rbamp::ctl
