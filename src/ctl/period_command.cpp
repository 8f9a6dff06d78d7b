#include "ctl/period_command.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>
#include <vector>

#include "commissioning/trial_period.hpp"
#include "config/duration.hpp"
#include "ctl/closing_latch.hpp"
#include "ctl/consent.hpp"
#include "ctl/daemon_latch.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/number_text.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using commissioning::TrialPeriod;

constexpr Microseconds shortest = std::chrono::seconds{1};
constexpr Microseconds longest = std::chrono::hours{1};

struct Options {
  BusChoice bus;
  std::string module;
  std::string length = "10s";
  bool yes = false;
};

Json trial_json(const TrialPeriod& trial, const commissioning::ModuleLink& module, const std::string& id) {
  Json json{{"module", id},
            {"address", to_string(module.address())},
            {"is_booked", false},
            {"dt_s", static_cast<double>(trial.length.count()) / 1e6},
            {"chip_ratio", trial.chip_ratio},
            {"channels", Json::array()}};
  for (std::size_t i = 0; i < channel_count(module.variant()); ++i) {
    const auto& mean = trial.snapshot.mean_power.at(i);
    json["channels"].push_back(Json{{"channel", std::to_string(i)},
                                    {"mean_power_w", mean ? Json(mean->value()) : Json(nullptr)},
                                    {"import_wh", mean ? Json(trial.energy_import.at(i)->value()) : Json(nullptr)}});
  }
  return json;
}

void print_trial(const TrialPeriod& trial, const commissioning::ModuleLink& module, Context& context) {
  auto& out = context.out();
  out << module.name() << ": a period of " << fixed(static_cast<double>(trial.length.count()) / 1e6, 3)
      << " s would be booked as\n";
  for (std::size_t i = 0; i < channel_count(module.variant()); ++i) {
    const auto& mean = trial.snapshot.mean_power.at(i);
    out << "  channel " << i << ": ";
    if (mean) {
      out << fixed(mean->value(), 1) << " W on average, " << fixed(trial.energy_import.at(i)->value(), 4) << " Wh import\n";
    } else {
      out << "nothing: the module gave a mean power that no hardware delivers\n";
    }
  }
  out << "  largest window of channel 0: " << fixed(trial.snapshot.max_power, 1) << " W; its clock runs at "
      << fixed(trial.chip_ratio * 100.0, 0) << " % of ours (70 to 105 % is healthy)\n";
}

/// rbampd closes the period of all its modules and books it; the ledger shows what that gave.
int period_by_daemon(Context& context, BusAccess& access, const metering::AccountRequest& claim) {
  const auto latch = DaemonLatch::send(context, *access.daemon());
  if (!latch) return context.fail(latch.error());
  const auto lines = latch->lines_of(context, claim);
  if (!lines) return context.fail(lines.error());
  const auto& place = claim.place_id;
  Json json{{"module", place}, {"is_booked", true}, {"channels", Json::array()}};
  for (const auto& line : *lines) {
    if (!context.wants_json()) {
      context.out() << place << "/" << line.channel << ": " << length_text(line.length) << " booked, "
                    << rounded(line.energy_import, EnergyUnit::wh) << " Wh import, "
                    << rounded(line.energy_export, EnergyUnit::wh) << " Wh export (" << to_string(line.quality) << ")\n";
    }
    json["channels"].push_back(Json{{"channel", line.channel},
                                    {"dt_s", static_cast<double>(line.length.count()) / 1e6},
                                    {"import_wh", wh_number(line.energy_import)},
                                    {"export_wh", wh_number(line.energy_export)},
                                    {"quality", to_string(line.quality)}});
  }
  if (context.wants_json()) context.out() << to_text(json) << '\n';
  if (!lines->empty()) return exit_status::ok;
  context.err() << "rbampctl: rbampd closed its periods, but booked nothing for " << place << '\n';
  return exit_status::not_well;
}

int period(const Options& options, Context& context) {
  const auto length = config::parse_duration(options.length);
  if (!length || *length < shortest || *length > longest) return context.refuse("--for must be from 1s to 1h, such as 10s");
  auto access = BusAccess::open(context, options.bus, options.module);
  if (!access) return context.fail(access.error());
  const auto module = open_module(*access, options.module);
  if (!module) return context.fail(module.error());
  const auto claim = find_claim(context, module->identity().uid);
  if (!claim) return context.fail(claim.error());
  const std::string question =
      *claim && access->daemon() != nullptr
          ? "Close the running period of every module now? rbampd books it."
          : "Latch " + module->name() + " twice, " + length_text(*length) + " apart? No ledger meters it.";
  if (*claim && access->daemon() == nullptr) {
    return context.fail({Errc::ledger_busy, Remedy::give_up,
                         module->name() + " is metered as \"" + (*claim)->place_id +
                             "\" by the ledger: a latch by hand would take its running period away. Start rbampd, which closes "
                             "periods for this command and books them"});
  }
  if (!*claim && access->daemon() != nullptr) {
    return context.fail(
        {Errc::bus_busy, Remedy::give_up,
         "rbampd has the bus and lets nobody latch on it; stop it for a trial on a module that it does not meter"});
  }
  if (const auto status = missing_consent(context, question, options.yes)) return *status;
  if (*claim) return period_by_daemon(context, *access, **claim);

  const auto trial = commissioning::try_period(*module, *length);
  if (!trial) return context.fail(trial.error());
  if (context.wants_json()) {
    const auto json = trial_json(*trial, *module, id_of(*access, module->address(), module->identity().uid));
    context.out() << to_text(json) << '\n';
  } else {
    print_trial(*trial, *module, context);
  }
  return exit_status::ok;
}

}  // namespace

void add_period_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"period", "Close a period: of a module that nobody meters as a trial, of others through rbampd",
                                "rbampctl period 0x51 --for 30s\nrbampctl period mains --yes --json"},
                               [options](Context& context) { return period(*options, context); });
  add_module_argument(command, options->module);
  command.add_option("--for", options->length, "Length of a trial, 1s to 1h (default: 10s)").type_name("TIME");
  command.add_flag("--yes", options->yes, "Do not ask");
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
