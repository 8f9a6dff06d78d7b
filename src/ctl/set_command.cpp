#include "ctl/set_command.hpp"

#include <functional>
#include <ostream>

#include "commissioning/address_move.hpp"
#include "commissioning/threshold_setting.hpp"
#include "ctl/change_list.hpp"
#include "ctl/consent.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/reset_guard.hpp"
#include "ctl/setting_value.hpp"

namespace rbamp::ctl {
namespace {

using commissioning::ModuleLink;
using commissioning::SettingChange;
using commissioning::Setup;

struct Options {
  BusChoice bus;
  std::string setting;
  std::string module;
  std::string value;
  std::string channel;
  bool allow_uncharacterised = false;
  bool may_lose = false;
  bool yes = false;
};

/// One `set`, from its words to the module.
class Setting {
 public:
  Setting(const Options& options, Context& context, BusAccess& access, const ModuleLink& module)
      : options_(options), context_(context), access_(access), module_(module), guard_(context, access, options.may_lose) {}

  int run() {
    if (options_.setting != "ct" && !options_.channel.empty()) return context_.refuse("--channel belongs to set ct only");
    if (options_.setting == "address") return set_address();
    if (options_.setting == "threshold") return set_threshold();
    const auto setup = setup_of();
    return setup ? set_kept(*setup) : context_.fail(setup.error());
  }

 private:
  [[nodiscard]] Result<Setup> setup_of() const {
    Setup setup;
    setup.allow_uncharacterised = options_.allow_uncharacterised;
    const auto& value = options_.value;
    if (options_.setting == "label") {
      setup.label = value;
      return setup;
    }
    if (options_.setting == "ct") {
      const auto code = parse_ct(value);
      if (!code) return failure(code.error());
      const auto channels = parse_channels(options_.channel, module_.variant());
      if (!channels) return failure(channels.error());
      for (const auto channel : *channels) setup.ct_models.at(channel) = *code;
      return setup;
    }
    if (options_.setting == "class") {
      return parse_sensor_class(value).map([&](auto sensor_class) {
        setup.sensor_class = sensor_class;
        return setup;
      });
    }
    if (options_.setting == "group") {
      return parse_group(value).map([&](auto group) {
        setup.group = group;
        return setup;
      });
    }
    if (options_.setting == "broadcast") {
      return parse_switch(value).map([&](bool on) {
        setup.listens_to_broadcast = on;
        return setup;
      });
    }
    std::string names;
    for (const auto& name : setting_names()) names += (names.empty() ? "" : ", ") + name;
    return failure(Errc::request_invalid, Remedy::give_up, "there is no setting \"" + options_.setting + "\"; there is " + names);
  }

  /// What survives a reset.
  int set_kept(const Setup& setup) {
    const auto changes = commissioning::plan_setup(module_, setup);
    if (!changes) return context_.fail(changes.error());
    if (changes->empty()) {
      commissioning::ModuleLink same = module_;
      print_done(same, {}, module_.name() + " is set so already; nothing was written.", context_);
      return exit_status::ok;
    }
    if (auto bookable = guard_.check(module_); !bookable) return context_.fail(bookable.error());
    announce(*changes);
    if (const auto status =
            missing_consent(context_, "Store it (one flash cycle of 10,000) and reset the module to prove it?", options_.yes))
      return *status;
    const auto done = commissioning::apply_setup(module_, setup, guard_.callback(), progress_on(context_));
    if (!done) return context_.fail(done.error());
    print_done(*done, *changes, module_.name() + ": stored, and proven by a reset.", context_);
    return exit_status::ok;
  }

  int set_address() {
    const auto to = parse_module_address(options_.value);
    if (!to) return context_.fail(to.error());
    if (auto possible = commissioning::check_move(module_, *to); !possible) return context_.fail(possible.error());
    if (auto bookable = guard_.check(module_); !bookable) return context_.fail(bookable.error());
    const std::vector<SettingChange> changes{{"address", to_string(module_.address()), to_string(*to)}};
    announce(changes);
    if (const auto status = missing_consent(context_,
                                            "Is it the only module at " + to_string(module_.address()) +
                                                ", and shall it move (one flash cycle of 10,000, one reset)?",
                                            options_.yes))
      return *status;
    const auto there = commissioning::move_module(module_, *to, guard_.callback(), progress_on(context_));
    if (!there) return context_.fail(there.error());
    print_done(*there, changes, there->name() + " is where it answers now.", context_);
    if (const auto* configured = access_.configured_at(module_.address())) {
      context_.err() << "Correct the configuration: address = " << to_string(*to) << " for the module \"" << configured->id
                     << "\", then systemctl reload rbampd\n";
    }
    return exit_status::ok;
  }

  int set_threshold() {
    const auto wish = parse_threshold(options_.value);
    if (!wish) return context_.fail(wish.error());
    const commissioning::Thresholds wanted{wish->current, wish->power};
    const auto changes = commissioning::plan_thresholds(module_, wanted);
    if (!changes) return context_.fail(changes.error());
    if (changes->empty()) {
      print_done(module_, {}, module_.name() + " is set so already; nothing was written.", context_);
      return exit_status::ok;
    }
    announce(*changes);
    if (const auto status = missing_consent(context_, "Write it? It holds until the module's next reset.", options_.yes))
      return *status;
    if (auto done = commissioning::set_thresholds(module_, wanted); !done) return context_.fail(done.error());
    print_done(module_, *changes, module_.name() + ": written and read back; it holds until the module's next reset.", context_);
    return exit_status::ok;
  }

  void announce(const std::vector<SettingChange>& changes) {
    context_.err() << module_.name() << " (" << id_of(access_, module_.address(), module_.identity().uid) << "):\n";
    print_changes(changes, context_);
  }

  const Options& options_;
  Context& context_;
  BusAccess& access_;
  const ModuleLink& module_;
  ResetGuard guard_;
};

int set(const Options& options, Context& context) {
  auto access = BusAccess::open(context, options.bus, options.module);
  if (!access) return context.fail(access.error());
  const auto module = open_module(*access, options.module);
  if (!module) return context.fail(module.error());
  return Setting{options, context, *access, *module}.run();
}

}  // namespace

void add_set_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"set", "Set label, ct, class, address, group, broadcast or threshold of a module, and prove it",
                                "rbampctl set label 0x51 boiler\nrbampctl set ct flats 30A --channel all\n"
                                "rbampctl set address 0x50 0x51\nrbampctl set threshold mains 16A"},
                               [options](Context& context) { return set(*options, context); });
  command.add_option("SETTING", options->setting, "label, ct, class, address, group, broadcast or threshold")
      .required()
      .type_name("");
  add_module_argument(command, options->module);
  command
      .add_option("VALUE", options->value, "A text, SCT-013-030 or 30A, sct-013, 0x51, 0 to 255, on or off, 16A or 3600W or off")
      .required()
      .type_name("");
  command.add_option("--channel", options->channel, "Of ct: 0, 1, 2 or all; needed when the module has several").type_name("N");
  command.add_flag("--uncharacterised", options->allow_uncharacterised,
                   "Of ct: let the module decide about one that present firmware refuses");
  command.add_flag("--yes", options->yes, "Do not ask");
  add_lose_option(command, options->may_lose);
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
