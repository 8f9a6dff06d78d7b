#include "ctl/scan_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "commissioning/bus_scan.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/number_text.hpp"
#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using commissioning::Answer;
using commissioning::BusScan;

std::string kind_of(const Answer& answer) {
  return answer.look ? std::string{to_string(answer.look->chip.kind)} : std::string{"unreadable"};
}

std::string what_it_is(const Answer& answer) {
  if (!answer.look) return printable(answer.error->detail);
  if (!answer.is_module()) return protocol::describe(answer.look->chip);
  const auto& identity = answer.look->chip.identity;
  return "rbAmp " + std::string{to_string(identity.variant)} + " " + std::string{protocol::firmware_name(identity.version)};
}

/// What a person should know beside who it is; empty when nothing is wrong.
std::string remark_on(const Answer& answer, const config::Module* configured) {
  if (!answer.is_module()) return {};
  if (answer.error) return printable(answer.error->detail);
  if (answer.is_new) return "not set up: rbampctl provision " + to_string(answer.address);
  if (*answer.problem != protocol::ErrorCode::ok) return std::string{to_string(*answer.problem)};
  if (configured != nullptr && configured->uid && *configured->uid != answer.look->chip.identity.uid)
    return "another chip than the configuration's uid for " + configured->id;
  return {};
}

bool is_fine(const Answer& answer) { return answer.is_module() && !answer.error; }

void print_json(const BusScan& scan, const BusAccess& access, std::ostream& out) {
  Json json{{"bus", access.name()},
            {"device", access.description()},
            {"way", to_string(access.way())},
            {"asked", scan.asked},
            {"took_s", static_cast<double>(scan.took.count()) / 1e6},
            {"answers", Json::array()},
            {"missing", Json::array()}};
  for (const auto& answer : scan.answers) {
    const auto* configured = access.configured_at(answer.address);
    Json entry{{"address", to_string(answer.address)},
               {"kind", kind_of(answer)},
               {"id", nullptr},
               {"variant", nullptr},
               {"firmware", nullptr},
               {"uid", nullptr},
               {"label", nullptr},
               {"error", nullptr},
               {"is_new", answer.is_new},
               {"is_configured", configured != nullptr},
               {"text", what_it_is(answer)}};
    if (answer.is_module()) {
      const auto& identity = answer.look->chip.identity;
      entry["id"] = id_of(access, answer.address, identity.uid);
      entry["variant"] = to_string(identity.variant);
      entry["firmware"] = protocol::firmware_name(identity.version);
      entry["uid"] = to_string(identity.uid);
      entry["label"] = identity.label;
      if (answer.problem) entry["error"] = static_cast<unsigned>(*answer.problem);
    }
    json["answers"].push_back(std::move(entry));
  }
  for (const auto& module : access.modules()) {
    const bool is_there = std::any_of(scan.answers.begin(), scan.answers.end(),
                                      [&](const auto& answer) { return answer.address == module.address; });
    if (!is_there) json["missing"].push_back(Json{{"address", to_string(module.address)}, {"id", module.id}});
  }
  out << to_text(json) << '\n';
}

void print_text(const BusScan& scan, const BusAccess& access, std::ostream& out) {
  Table table{{{"address"}, {"what"}, {"UID"}, {"label"}, {"id"}, {"remark"}}};
  for (const auto& answer : scan.answers) {
    if (!answer.is_module()) {
      table.add({to_string(answer.address), what_it_is(answer)});
      continue;
    }
    const auto& identity = answer.look->chip.identity;
    table.add({to_string(answer.address), what_it_is(answer), to_string(identity.uid), identity.label,
               id_of(access, answer.address, identity.uid), remark_on(answer, access.configured_at(answer.address))});
  }
  if (!scan.answers.empty()) table.print(out);
  for (const auto& module : access.modules()) {
    const bool is_there = std::any_of(scan.answers.begin(), scan.answers.end(),
                                      [&](const auto& answer) { return answer.address == module.address; });
    if (!is_there) out << to_string(module.address) << "  nobody answers, where the configuration has " << module.id << '\n';
  }
  const auto modules = static_cast<std::size_t>(std::count_if(scan.answers.begin(), scan.answers.end(), is_fine));
  out << (modules == 0 ? std::string{"No module"} : std::to_string(modules) + (modules == 1 ? " module" : " modules"))
      << " on bus \"" << access.name() << "\" (" << access.description() << "); " << scan.asked << " addresses asked in "
      << fixed(static_cast<double>(scan.took.count()) / 1e6, 2) << " s, nothing written.\n";
}

int scan(const BusChoice& choice, Context& context) {
  auto access = BusAccess::open(context, choice);
  if (!access) return context.fail(access.error());
  const auto found = commissioning::scan_bus(access->station());
  if (!found) return context.fail(found.error());
  if (context.wants_json()) {
    print_json(*found, *access, context.out());
  } else {
    print_text(*found, *access, context.out());
  }
  return std::any_of(found->answers.begin(), found->answers.end(), is_fine) ? exit_status::ok : exit_status::not_well;
}

}  // namespace

void add_scan_command(CommandLine& line) {
  const auto choice = std::make_shared<BusChoice>();
  Arguments command = line.add({"scan", "Look for modules: asks every address of the bus, and writes to none",
                                "rbampctl scan\nrbampctl scan --device /dev/i2c-1 --json"},
                               [choice](Context& context) { return scan(*choice, context); });
  add_bus_options(command, *choice);
}

}  // namespace rbamp::ctl
