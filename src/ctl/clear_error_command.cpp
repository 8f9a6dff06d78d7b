#include "ctl/clear_error_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "commissioning/error_clearing.hpp"
#include "ctl/consent.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  BusChoice bus;
  std::string module;
  bool yes = false;
};

std::string words(protocol::ErrorCode code) {
  if (code == protocol::ErrorCode::ok) return "no error";
  return std::string{to_string(code)} + " (" + commissioning::number_of(code) + ")";
}

void print(const commissioning::ModuleLink& module, const commissioning::ErrorClearing& clearing, Context& context) {
  if (context.wants_json()) {
    const Json answer{{"address", to_string(module.address())},           {"uid", to_string(module.identity().uid)},
                      {"before", static_cast<unsigned>(clearing.before)}, {"events_before", clearing.events_before.raw()},
                      {"after", static_cast<unsigned>(clearing.after)},   {"came_back", clearing.came_back}};
    context.out() << to_text(answer) << '\n';
    return;
  }
  context.out() << module.name() << ": " << words(clearing.before);
  if (clearing.came_back) {
    context.out() << ", and it is back: its cause persists. " << advice_for(clearing.after) << '\n';
  } else if (clearing.before == protocol::ErrorCode::ok) {
    context.out() << (clearing.events_before.has(protocol::Event::error) ? ", only an old flag of one; cleared\n"
                                                                         : "; nothing to clear\n");
  } else {
    context.out() << "; cleared, and it stays away\n";
  }
}

int clear_error(const Options& options, Context& context) {
  auto access = BusAccess::open(context, options.bus, options.module);
  if (!access) return context.fail(access.error());
  const auto module = open_module(*access, options.module);
  if (!module) return context.fail(module.error());
  const auto code = module->read_error_code();
  if (!code) return context.fail(code.error());
  if (const auto status = missing_consent(context, module->name() + ": " + words(*code) + ". Clear it?", options.yes))
    return *status;
  const auto clearing = commissioning::clear_error(*module);
  if (!clearing) return context.fail(clearing.error());
  print(*module, *clearing, context);
  return clearing->came_back ? exit_status::not_well : exit_status::ok;
}

}  // namespace

void add_clear_error_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"clear-error", "Clear a module's error, and say whether its cause persists", "rbampctl clear-error mains"},
               [options](Context& context) { return clear_error(*options, context); });
  add_module_argument(command, options->module);
  command.add_flag("--yes", options->yes, "Do not ask");
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
