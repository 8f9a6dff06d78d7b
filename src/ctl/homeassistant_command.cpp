#include "ctl/homeassistant_command.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/consent.hpp"
#include "ctl/homeassistant_diff.hpp"
#include "ctl/json_text.hpp"
#include "ctl/own_daemon.hpp"
#include "ctl/table.hpp"
#include "dbus/client.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string action;
  std::string module;
  std::string node;
  std::vector<std::string> pairs;
  bool yes = false;
};

int forget(const Options& options, Context& context) {
  if (options.module.empty()) return context.refuse("say which module to forget: rbampctl homeassistant forget MODULE");
  auto client = connect_to(context, Instance::any);
  if (!client) return context.fail(client.error());
  if (const auto status = missing_consent(
          context, "Remove " + options.module + " with all its entities from Home Assistant (the ledger keeps its energy)?",
          options.yes))
    return *status;
  if (const auto done = client->forget_module(options.module); !done) return context.fail(done.error());
  if (context.wants_json()) {
    context.out() << to_text(Json{{"module", options.module}, {"is_removed", true}}) << '\n';
  } else {
    context.out() << options.module
                  << " is removed from Home Assistant and from the MQTT broker; its energy stays in the ledger.\n";
  }
  return exit_status::ok;
}

int list_foreign(Context& context, dbus::Client& client) {
  const auto meters = client.find_foreign_meters();
  if (!meters) return context.fail(meters.error());
  if (context.wants_json()) {
    Json list = Json::array();
    for (const auto& meter : *meters) list.push_back({{"node", meter.node}, {"name", meter.name}, {"entities", meter.entities}});
    context.out() << to_text(list) << '\n';
    return exit_status::ok;
  }
  if (meters->empty()) {
    context.out() << "No other program has announced an electricity meter with one topic per entity.\n";
    return exit_status::ok;
  }
  Table table{{{"node"}, {"device"}, {"entities", Table::Align::right}}};
  for (const auto& meter : *meters) table.add({printable(meter.node), printable(meter.name), std::to_string(meter.entities)});
  table.print(context.out());
  context.out() << "Take one over with: rbampctl homeassistant adopt MODULE NODE\n";
  return exit_status::ok;
}

Result<std::map<std::string, std::string>> parse_pairs(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> pairs;
  for (const auto& text : texts) {
    const auto at = text.find('=');
    if (at == std::string::npos || at == 0) {
      return failure(Errc::request_invalid, Remedy::give_up,
                     "\"" + text + "\" is no pair: write OURS=THEIRS, such as house_power=p, or OURS= to leave ours as it is");
    }
    if (!pairs.emplace(text.substr(0, at), text.substr(at + 1)).second)
      return failure(Errc::request_invalid, Remedy::give_up, "\"" + text.substr(0, at) + "\" is paired twice");
  }
  return pairs;
}

void print_adopted(const dbus::Adopted& adopted, std::ostream& out) {
  Table table{{{"entity of the module"}, {"takes over"}, {"shown as"}}};
  for (const auto& entity : adopted.taken) table.add({entity.ours, printable(entity.theirs), printable(entity.name)});
  table.print(out, 2);
  if (adopted.left.empty()) return;
  out << "  not taken over, they stay as they are:";
  for (const auto& object_id : adopted.left) out << ' ' << printable(object_id);
  out << '\n';
}

Json json_of(const dbus::Adopted& adopted) {
  Json answer{{"taken", Json::array()}, {"left", adopted.left}};
  for (const auto& entity : adopted.taken) {
    answer["taken"].push_back(
        {{"ours", entity.ours}, {"theirs", entity.theirs}, {"unique_id", entity.unique_id}, {"name", entity.name}});
  }
  return answer;
}

int adopt(const Options& options, Context& context) {
  if (!options.module.empty() && options.node.empty()) {
    return context.refuse(
        "say whose entities to take over: rbampctl homeassistant adopt MODULE NODE; without both it shows which NODEs there are");
  }
  const auto pairs = parse_pairs(options.pairs);
  if (!pairs) return context.fail(pairs.error());
  auto client = connect_to(context, Instance::any);
  if (!client) return context.fail(client.error());
  if (options.module.empty()) return list_foreign(context, *client);

  dbus::AdoptRequest request{options.module, options.node, *pairs, true};
  const auto plan = client->adopt(request);
  if (!plan) return context.fail(plan.error());
  print_adopted(*plan, context.err());
  if (const auto status = missing_consent(
          context, "Does the old program not run any more, and shall " + options.module + " take these over for good?",
          options.yes))
    return *status;
  request.is_trial = false;
  const auto done = client->adopt(request);
  if (!done) return context.fail(done.error());
  if (context.wants_json()) {
    context.out() << to_text(json_of(*done)) << '\n';
  } else {
    context.out() << options.module << " takes over " << done->taken.size()
                  << " entities, with their ids, settings and history; the old topics are cleared in some seconds.\n";
  }
  return exit_status::ok;
}

int run(const Options& options, Context& context) {
  if (options.action != "adopt" && !options.pairs.empty()) return context.refuse("--pair belongs to adopt only");
  if (options.action != "adopt" && !options.node.empty()) return context.refuse("NODE belongs to adopt only");
  if (options.action == "diff") {
    if (!options.module.empty())
      return context.refuse("diff looks at all modules; name the changed configuration with --config FILE");
    return print_homeassistant_diff(context);
  }
  if (options.action == "forget") return forget(options, context);
  if (options.action == "adopt") return adopt(options, context);
  return context.refuse("there is no action \"" + options.action + "\"; there is diff, forget, adopt");
}

}  // namespace

void add_homeassistant_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"homeassistant",
                                "Entities in Home Assistant: what a changed configuration does to them (diff), forget a module, "
                                "adopt those of another program",
                                "rbampctl homeassistant diff --config new.toml\nrbampctl homeassistant forget old_meter\n"
                                "rbampctl homeassistant adopt\nrbampctl homeassistant adopt mains oldmeter --pair house_power=p"},
                               [options](Context& context) { return run(*options, context); });
  command.add_option("ACTION", options->action, "diff, forget or adopt").required().type_name("");
  command.add_option("MODULE", options->module, "Of forget and adopt: id of the module").type_name("");
  command.add_option("NODE", options->node, "Of adopt: node id in the topics of the other program").type_name("");
  command
      .add_option("--pair", options->pairs,
                  "Of adopt: our entity takes over theirs, where it is not clear by itself; may be said several times")
      .type_name("OURS=THEIRS");
  command.add_flag("--yes", options->yes, "Do not ask");
}

}  // namespace rbamp::ctl
