#include "ctl/reset_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/consent.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/reset_guard.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  BusChoice bus;
  std::string module;
  bool may_lose = false;
  bool yes = false;
};

Json to_json(const std::optional<BookedPeriod>& booked) {
  if (!booked) return nullptr;
  Json json{{"module", booked->place}, {"dt_s", static_cast<double>(booked->length.count()) / 1e6}, {"channels", Json::array()}};
  for (const auto& channel : booked->channels) {
    json["channels"].push_back(Json{{"channel", channel.channel},
                                    {"import_wh", wh_number(channel.energy_import)},
                                    {"export_wh", wh_number(channel.energy_export)}});
  }
  return json;
}

int reset(const Options& options, Context& context) {
  auto access = BusAccess::open(context, options.bus, options.module);
  if (!access) return context.fail(access.error());
  const auto module = open_module(*access, options.module);
  if (!module) return context.fail(module.error());
  const std::string id = id_of(*access, module->address(), module->identity().uid);
  ResetGuard guard{context, *access, options.may_lose};
  if (auto bookable = guard.check(*module); !bookable) return context.fail(bookable.error());
  if (const auto status = missing_consent(
          context, "Reset " + module->name() + " (" + id + ")? Its thresholds are put back, what it measured is booked first.",
          options.yes))
    return *status;
  const auto back = commissioning::reboot(*module, module->address(), guard.callback());
  if (!back) return context.fail(back.error());
  if (context.wants_json()) {
    const Json answer{{"address", to_string(back->address())},
                      {"id", id},
                      {"uid", to_string(back->identity().uid)},
                      {"booked", to_json(guard.booked())}};
    context.out() << to_text(answer) << '\n';
  } else {
    context.out() << back->name() << " (" << id << ") was reset and measures again.\n";
  }
  return exit_status::ok;
}

}  // namespace

void add_reset_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"reset", "Reset a module, after what it measured was booked; its thresholds are put back",
                                "rbampctl reset 0x51\nrbampctl reset mains --yes"},
                               [options](Context& context) { return reset(*options, context); });
  add_module_argument(command, options->module);
  command.add_flag("--yes", options->yes, "Do not ask");
  add_lose_option(command, options->may_lose);
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
