#include "ctl/provision_command.hpp"

#include <algorithm>
#include <ostream>

#include "commissioning/bus_scan.hpp"
#include "commissioning/provisioning.hpp"
#include "config/text_rules.hpp"
#include "ctl/change_list.hpp"
#include "ctl/consent.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/reset_guard.hpp"
#include "ctl/setting_value.hpp"

namespace rbamp::ctl {
namespace {

using commissioning::ModuleLink;
using commissioning::Provision;

struct Options {
  BusChoice bus;
  std::string module = "0x50";
  std::vector<std::string> cts;
  std::string address;
  std::string label;
  std::string group;
  bool broadcast = false;
  bool allow_uncharacterised = false;
  bool may_lose = false;
  bool yes = false;
};

tl::unexpected<Error> refused(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

/// The wishes, from options and, for what they leave open, from the person.
class Interview {
 public:
  Interview(const Options& options, Context& context, BusAccess& access, const ModuleLink& module)
      : options_(options),
        terminal_(context.terminal()),
        access_(access),
        module_(module),
        asks_(terminal_.can_ask && !options.yes) {}

  Result<Provision> hold() {
    Provision wish;
    wish.setup.sensor_class = protocol::SensorClass::sct_013;
    wish.setup.allow_uncharacterised = options_.allow_uncharacterised;
    return ask_cts(wish)
        .and_then([&] { return ask_label(wish); })
        .and_then([&] { return ask_address(wish); })
        .and_then([&] { return ask_broadcast(wish); })
        .map([&] { return wish; });
  }

 private:
  Result<void> ask_cts(Provision& wish) {
    const std::size_t channels = channel_count(module_.variant());
    if (options_.cts.size() > 1 && options_.cts.size() != channels) {
      return refused("variant " + std::string{to_string(module_.variant())} + " has " + std::to_string(channels) +
                     " channel(s): give --ct once for all of them, or once for each");
    }
    for (std::size_t i = 0; i < channels; ++i) {
      const auto text = options_.cts.empty() ? ask_ct(i) : Result<std::string>{options_.cts.at(options_.cts.size() == 1 ? 0 : i)};
      if (!text) return failure(text.error());
      const auto code = parse_ct(*text);
      if (!code) return failure(code.error());
      wish.setup.ct_models.at(i) = *code;
    }
    return {};
  }

  Result<std::string> ask_ct(std::size_t channel) {
    if (!asks_)
      return refused("say which current transformer is on channel " + std::to_string(channel) + ", such as --ct SCT-013-030");
    for (;;) {
      const auto answer =
          terminal_.asks("Current transformer on channel " + std::to_string(channel) + " (5A, 10A, 20A, 30A or 50A):");
      if (!answer) return refused("nothing was written");
      const auto code = parse_ct(*answer);
      if (code) return *answer;
      terminal_.err << code.error().detail << '\n';
    }
  }

  Result<void> ask_label(Provision& wish) {
    auto label = options_.label;
    if (label.empty() && asks_) {
      const auto answer = terminal_.asks("Label, up to 8 ASCII characters [none]:");
      if (!answer) return refused("nothing was written");
      label = *answer;
    }
    if (!label.empty()) wish.setup.label = label;
    return {};
  }

  Result<void> ask_address(Provision& wish) {
    auto text = options_.address;
    if (text.empty() && asks_) {
      const auto free = next_free();
      if (!free) return failure(free.error());
      const auto answer = terminal_.asks("Address [" + to_string(*free) + "]:");
      if (!answer) return refused("nothing was written");
      text = answer->empty() ? to_string(*free) : *answer;
    }
    if (text.empty()) return {};
    const auto address = parse_module_address(text);
    if (!address) return failure(address.error());
    wish.address = *address;
    return {};
  }

  Result<void> ask_broadcast(Provision& wish) {
    if (!options_.group.empty()) {
      const auto group = parse_group(options_.group);
      if (!group) return failure(group.error());
      wish.setup.group = *group;
    }
    bool listens = options_.broadcast;
    if (!listens && asks_) listens = terminal_.confirms("Shall it take part in latches of all modules at once?");
    if (listens) wish.setup.listens_to_broadcast = true;
    return {};
  }

  /// The first address behind the factory one where nobody answers.
  Result<I2cAddress> next_free() {
    const auto scan = commissioning::scan_bus(access_.station());
    if (!scan) return failure(scan.error());
    for (unsigned value = default_module_address.value() + 1U; value <= 0x77U; ++value) {
      const I2cAddress candidate{static_cast<std::uint8_t>(value)};
      const bool is_taken = std::any_of(scan->answers.begin(), scan->answers.end(),
                                        [&](const auto& answer) { return answer.address == candidate; });
      if (!is_taken && access_.configured_at(candidate) == nullptr) return candidate;
    }
    return refused("every address from 0x51 on is taken: choose one with --address");
  }

  const Options& options_;
  Terminal& terminal_;
  BusAccess& access_;
  const ModuleLink& module_;
  bool asks_;
};

/// Its label where that can be an id, else what of it can.
std::string suggested_id(const protocol::Identity& identity, Context& context) {
  const auto configuration = context.config();
  const auto is_taken = [&](const std::string& id) {
    return configuration && std::any_of((*configuration)->modules.begin(), (*configuration)->modules.end(),
                                        [&](const auto& module) { return module.id == id; });
  };
  for (const auto& id : {identity.label, config::as_id(identity.label)}) {
    if (config::topic_id(id).empty() && !is_taken(id)) return id;
  }
  return default_module_id(identity.uid);
}

void suggest_configuration(const BusAccess& access, const ModuleLink& module, Context& context) {
  if (access.configured_at(module.address()) != nullptr) return;
  context.err() << "For the configuration:\n\n[[module]]\nid = \"" << suggested_id(module.identity(), context) << "\"\nbus = \""
                << access.name() << "\"\naddress = " << to_string(module.address()) << "\nuid = \""
                << to_string(module.identity().uid) << "\"\n";
}

int provision(const Options& options, Context& context) {
  auto access = BusAccess::open(context, options.bus);
  if (!access) return context.fail(access.error());
  const auto module = open_module(*access, options.module);
  if (!module) return context.fail(module.error());
  context.err() << module->name() << ": rbAmp " << to_string(module->variant()) << ", UID " << to_string(module->identity().uid)
                << '\n';
  const auto blank = commissioning::is_blank(*module);
  if (!blank) return context.fail(blank.error());
  if (!*blank) return context.refuse(module->name() + " is set up already; change single settings with rbampctl set");
  // Before anything is asked for and stored: a module that lost its settings may be one that the ledger has metered.
  ResetGuard guard{context, *access, options.may_lose};
  if (auto bookable = guard.check(*module); !bookable) return context.fail(bookable.error());
  const auto wish = Interview{options, context, *access, *module}.hold();
  if (!wish) return context.fail(wish.error());
  context.err() << "Looking whether it is alone and its new address free ...\n" << std::flush;
  const auto changes = commissioning::plan_provision(*module, *wish);
  if (!changes) return context.fail(changes.error());
  print_changes(*changes, context);
  if (const auto status = missing_consent(
          context, "Is it the only new module on the bus, and shall it be set up so? Keep its supply on until the end.",
          options.yes))
    return *status;
  const auto there = commissioning::provision(*module, *wish, guard.callback(), progress_on(context));
  if (!there) return context.fail(there.error());
  print_done(*there, *changes, there->name() + " is set up and measures.", context);
  suggest_configuration(*access, *there, context);
  return exit_status::ok;
}

}  // namespace

void add_provision_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"provision", "Set up a module fresh from the factory, or one that lost its settings; asks for what is not said",
                "rbampctl provision\nrbampctl provision 0x50 --ct 30A --label boiler --address 0x51 --broadcast --yes"},
               [options](Context& context) { return provision(*options, context); });
  command.add_option("MODULE", options->module, "Which module (default: 0x50, the factory address)").type_name("");
  command.add_option("--ct", options->cts, "Current transformer, such as 30A or SCT-013-030: once for all channels, or for each")
      .type_name("CT")
      .one_each_time();
  command.add_option("--label", options->label, "Up to 8 ASCII characters").type_name("TEXT");
  command.add_option("--address", options->address, "Where it is to live").type_name("ADDRESS");
  command.add_flag("--broadcast", options->broadcast, "Take part in latches of all modules at once");
  command.add_option("--group", options->group, "Broadcast group, 0 to 255").type_name("N");
  command.add_flag("--uncharacterised", options->allow_uncharacterised,
                   "Let the module decide about a CT that present firmware refuses");
  command.add_flag("--yes", options->yes, "Do not ask");
  add_lose_option(command, options->may_lose);
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
