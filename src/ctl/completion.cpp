#include "ctl/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "ctl/channel_choice.hpp"
#include "ctl/context.hpp"
#include "ctl/history_series.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/setting_value.hpp"

namespace rbamp::ctl {
namespace {

using Words = std::vector<std::string>;

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

/// The words before the one that is completed, sorted into what they are.
struct Typed {
  const CLI::App* command = nullptr;         ///< none yet: the program itself is asked
  const CLI::Option* open_option = nullptr;  ///< the option whose value comes next
  std::size_t positionals = 0;               ///< of the command, before the last word
};

const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  const auto options = app.get_options([&](const CLI::Option* option) { return option->check_name(name); });
  return options.empty() ? nullptr : options.front();
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto commands = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
  return commands.empty() ? nullptr : commands.front();
}

Typed read(const CLI::App& app, const Words& words) {
  Typed typed;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (typed.open_option != nullptr) {
      typed.open_option = nullptr;  // this word is its value
    } else if (is_option(words[i])) {
      const CLI::Option* option = typed.command == nullptr ? nullptr : find_option(*typed.command, words[i]);
      if (option == nullptr) option = find_option(app, words[i]);
      if (option != nullptr && option->get_expected_max() > 0) typed.open_option = option;
    } else if (typed.command == nullptr) {
      typed.command = find_command(app, words[i]);
    } else {
      ++typed.positionals;
    }
  }
  return typed;
}

void add_option_names(const CLI::App& app, Words& names) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
}

std::string placeholder_of(const Typed& typed) {
  if (typed.open_option != nullptr) return typed.open_option->get_type_name();
  const auto positionals = typed.command->get_options([](const CLI::Option* option) { return option->get_positional(); });
  return typed.positionals < positionals.size() ? positionals[typed.positionals]->get_name(true) : std::string{};
}

/// Only what is needed to find the ledger.
Globals globals_in(const Words& words) {
  Globals globals;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "--config") globals.config_file = words[i + 1];
    if (words[i] == "--ledger") globals.ledger_file = words[i + 1];
  }
  return globals;
}

Words from_configuration(const Words& words, bool buses) {
  std::istringstream in;
  std::ostringstream out;
  Terminal nobody{in, out, out};
  KernelClock clock;
  Context context{nobody, clock, globals_in(words)};
  const auto config = context.config();
  if (!config) return {};
  Words names;
  if (buses) {
    for (const auto& bus : (*config)->buses) names.push_back(bus.name);
  } else {
    for (const auto& module : (*config)->modules) names.push_back(module.id);
  }
  return names;
}

Words from_ledger(const Words& words, bool channels) {
  std::istringstream in;
  std::ostringstream out;
  Terminal nobody{in, out, out};
  KernelClock clock;
  Context context{nobody, clock, globals_in(words)};
  const auto reader = context.open_ledger();
  if (!reader) return {};
  const auto all = (*reader)->channels();
  if (!all) return {};
  Words names;
  for (const auto& summary : *all) {
    // A channel of the module that was named before, or any.
    const bool is_named = std::find(words.begin(), words.end(), summary.module) != words.end();
    if (!channels) names.push_back(summary.module);
    if (channels) names.push_back(is_named ? summary.channel : summary.module + "/" + summary.channel);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// Those of the ledger, and those of the configuration that are not in it yet.
Words known_modules(const Words& words) {
  Words names = from_ledger(words, false);
  for (auto& name : from_configuration(words, false)) names.push_back(std::move(name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::vector<std::string> complete(const CLI::App& app, const std::vector<std::string>& words, const Candidates& candidates) {
  const std::string last = words.empty() ? std::string{} : words.back();
  const Typed typed = read(app, words);
  Words found;
  if (typed.open_option == nullptr && is_option(last)) {
    if (typed.command != nullptr) add_option_names(*typed.command, found);
    add_option_names(app, found);
  } else if (typed.open_option == nullptr && typed.command == nullptr) {
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) found.push_back(command->get_name());
  } else {
    found = candidates(placeholder_of(typed));
    if (found == Words{any_file}) return found;
  }
  std::erase_if(found, [&](const std::string& word) { return !word.starts_with(last); });
  return found;
}

Candidates candidates_for(const std::vector<std::string>& words) {
  return [words](const std::string& placeholder) -> Words {
    if (placeholder == "FILE") return {any_file};
    if (placeholder == "RESOLUTION") return resolution_names();
    if (placeholder == "ROLE") return role_names();
    if (placeholder == "FORMAT") return {"csv", "jsonl"};
    if (placeholder == "TIME") return {"today", "yesterday", "7d", "12h", "now"};
    if (placeholder == "MODULE") return known_modules(words);
    if (placeholder == "BUS") return from_configuration(words, true);
    if (placeholder == "SETTING") return setting_names();
    if (placeholder == "CT") return ct_names();
    if (placeholder == "VARIANT") return variant_names();
    if (placeholder == "ACTION") return {"diff", "forget", "adopt"};
    if (placeholder == "CHANNEL") return from_ledger(words, true);
    return {};
  };
}

}  // namespace rbamp::ctl
