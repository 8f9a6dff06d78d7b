// What a command of rbampctl understands behind its name. Only ctl/arguments.cpp, command.cpp, program.cpp and completion.cpp see CLI11
// itself: its templates take more time to compile than the commands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace rbamp::ctl {

/// One option or positional argument. Refers to the command line, which must outlive it.
class Argument {
 public:
  explicit Argument(CLI::Option& option) : option_(&option) {}

  Argument& required();
  /// What stands for its value in --help, and decides how it is completed (completion.cpp); "" for a positional, whose name says it.
  Argument& type_name(const std::string& name);
  /// Together the two are refused.
  Argument& excludes(const Argument& other);
  Argument& one_of(const std::vector<std::string>& choices);
  /// Of a number.
  Argument& not_below_zero();
  /// The same, and not 0.
  Argument& above_zero();
  /// Of a list: one value each time that it is named, instead of all words that follow.
  Argument& one_each_time();

 private:
  CLI::Option* option_;
};

/// Adds options ("--load", "-n,--lines") and positional arguments ("MODULE", in their order) to one command. What the user says is
/// written to `value`, which must live until the command line was parsed; what is not said stays as it is. A word that is no number
/// where one is wanted is refused by a sentence that names the option.
class Arguments {
 public:
  explicit Arguments(CLI::App& command) : command_(&command) {}

  Argument add_option(const std::string& name, std::string& value, const std::string& help);
  Argument add_option(const std::string& name, std::vector<std::string>& values, const std::string& help);
  Argument add_option(const std::string& name, int& value, const std::string& help);
  Argument add_option(const std::string& name, unsigned& value, const std::string& help);
  Argument add_option(const std::string& name, std::int64_t& value, const std::string& help);
  Argument add_option(const std::string& name, double& value, const std::string& help);
  Argument add_flag(const std::string& name, bool& value, const std::string& help);

 private:
  CLI::App* command_;
};

}  // namespace rbamp::ctl
