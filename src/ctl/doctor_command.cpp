#include "ctl/doctor_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "commissioning/doctor.hpp"
#include "ctl/change_list.hpp"
#include "ctl/closing_latch.hpp"
#include "ctl/consent.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using commissioning::Finding;
using commissioning::Findings;
using commissioning::Severity;

constexpr unsigned most_reads = 100'000;

struct Options {
  BusChoice bus;
  std::vector<std::string> modules;
  unsigned reads = 200;
  double load = 0.0;
  bool write = false;
  bool yes = false;
};

std::string place_of(const Finding& finding, const BusAccess& access) {
  if (!finding.module) return "bus";
  const auto* configured = access.configured_at(*finding.module);
  return configured == nullptr ? to_string(*finding.module) : to_string(*finding.module) + " " + configured->id;
}

void print_text(const Findings& findings, const BusAccess& access, std::ostream& out) {
  for (const auto severity : {Severity::problem, Severity::warning, Severity::hint, Severity::ok}) {
    for (const auto& finding : findings) {
      if (finding.severity != severity) continue;
      out << to_string(severity) << std::string(9 - to_string(severity).size(), ' ') << place_of(finding, access) << ": "
          << printable(finding.text) << '\n';
      if (!finding.advice.empty()) out << "         -> " << printable(finding.advice) << '\n';
    }
  }
  const auto problems =
      std::count_if(findings.begin(), findings.end(), [](const auto& one) { return one.severity == Severity::problem; });
  const auto warnings =
      std::count_if(findings.begin(), findings.end(), [](const auto& one) { return one.severity == Severity::warning; });
  out << (problems == 0 ? "No problem" : std::to_string(problems) + (problems == 1 ? " problem" : " problems")) << ", "
      << warnings << (warnings == 1 ? " warning.\n" : " warnings.\n");
}

void print_json(const Findings& findings, bool is_well, const BusAccess& access, std::ostream& out) {
  Json json{{"bus", access.name()}, {"device", access.description()}, {"ok", is_well}, {"findings", Json::array()}};
  for (const auto& finding : findings) {
    const auto* configured = finding.module ? access.configured_at(*finding.module) : nullptr;
    json["findings"].push_back(Json{{"severity", to_string(finding.severity)},
                                    {"check", finding.check},
                                    {"address", finding.module ? Json(to_string(*finding.module)) : Json(nullptr)},
                                    {"id", configured != nullptr ? Json(configured->id) : Json(nullptr)},
                                    {"text", finding.text},
                                    {"advice", finding.advice}});
  }
  out << to_text(json) << '\n';
}

/// A latch for all takes the running period away from every ledger that meters a module of the bus.
Result<bool> may_latch(Context& context, BusAccess& access) {
  if (access.daemon() != nullptr) return false;
  const auto addresses = find_modules(access, {});
  if (!addresses) return addresses.error().is(Errc::bus_nack) ? Result<bool>{false} : failure(addresses.error());
  for (const auto address : *addresses) {
    const auto module = commissioning::ModuleLink::open(access.station(), address);
    if (!module) return failure(module.error());
    const auto claim = find_claim(context, module->identity().uid);
    if (!claim || *claim) return false;  // a ledger that cannot be read may claim it
  }
  return true;
}

int doctor(const Options& options, Context& context) {
  if (options.load != 0.0 && options.modules.size() != 1)
    return context.refuse("--load needs the one module that the load runs through: rbampctl doctor MODULE --load 2000");
  if (options.load < 0.0 || options.reads < 1 || options.reads > most_reads)
    return context.refuse("--load is more than 0 W, and --reads from 1 to " + std::to_string(most_reads));
  auto access = BusAccess::open(context, options.bus, options.modules.empty() ? std::string{} : options.modules.front());
  if (!access) return context.fail(access.error());
  commissioning::DoctorOrder order;
  if (!options.modules.empty()) {
    const auto only = find_modules(*access, options.modules);
    if (!only) return context.fail(only.error());
    order.only = *only;
  }
  order.configured = access->modules();
  order.reads = options.reads;
  order.measures_speed = access->way() != BusWay::daemon;
  if (options.load > 0.0) order.load = Watts{options.load};
  if (options.write) {
    const auto latch = may_latch(context, *access);
    if (!latch) return context.fail(latch.error());
    order.may_write = true;
    order.may_latch = *latch;
    if (!*latch) context.err() << "No latch for all is tried: a ledger meters a module of this bus, or cannot be read.\n";
    if (const auto status = missing_consent(context,
                                            *latch ? "Capture wave forms, and latch every module of the bus once?"
                                                   : "Capture wave forms (a diagnostic command, nothing is stored)?",
                                            options.yes))
      return *status;
  }
  const auto findings = commissioning::examine(access->station(), order, progress_on(context));
  if (!findings) return context.fail(findings.error());
  const bool is_well =
      std::none_of(findings->begin(), findings->end(), [](const auto& one) { return one.severity == Severity::problem; });
  if (context.wants_json()) {
    print_json(*findings, is_well, *access, context.out());
  } else {
    print_text(*findings, *access, context.out());
  }
  return is_well ? exit_status::ok : exit_status::not_well;
}

}  // namespace

void add_doctor_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"doctor", "Look a bus and its modules over: link, errors, settings, clamps; says what to do",
                                "rbampctl doctor\nrbampctl doctor kitchen --load 2000\nrbampctl doctor --write --json"},
                               [options](Context& context) { return doctor(*options, context); });
  command.add_option("MODULE", options->modules, "Only these: address such as 0x50, or id of the configuration").type_name("");
  command
      .add_option("--load", options->load,
                  "A heater of so many watts runs through MODULE now: tells direction, phase and transformer")
      .type_name("W");
  command.add_option("--reads", options->reads, "Reads per module for the rate of failures (default: 200)").type_name("N");
  command.add_flag("--write", options->write,
                   "Also what needs writing: wave forms, and a latch for all when no ledger meters the modules");
  command.add_flag("--yes", options->yes, "Do not ask");
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
