#include "ctl/command.hpp"

#include <CLI/CLI.hpp>

namespace rbamp::ctl {
namespace {

std::string indented(const std::string& text) {
  std::string result = "  ";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "  ";
  }
  return result;
}

}  // namespace

Arguments CommandLine::add(const CommandText& text, Run run) {
  CLI::App* command = app_.add_subcommand(text.name, text.summary);
  command->footer("Example:\n" + indented(text.example));
  command->fallthrough();  // the shared options may also stand behind the command
  commands_.emplace_back(command, std::move(run));
  return Arguments{*command};
}

Run CommandLine::chosen() const {
  for (const auto& [command, run] : commands_) {
    if (command->parsed()) return run;
  }
  return {};
}

}  // namespace rbamp::ctl
