#include "ctl/info_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "commissioning/module_facts.hpp"
#include "commissioning/setup.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/number_text.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using commissioning::ModuleFacts;

struct Options {
  BusChoice bus;
  std::vector<std::string> modules;
};

std::string error_text(protocol::ErrorCode code) {
  if (code == protocol::ErrorCode::ok) return "none";
  return std::string{to_string(code)} + " (" + commissioning::number_of(code) + "). " + std::string{advice_for(code)};
}

/// "3 d 4 h", as exact as the chip's clock deserves.
std::string uptime_text(std::chrono::seconds uptime) {
  using namespace std::chrono;
  const auto seconds = uptime.count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (uptime < 2h) return std::to_string(seconds / 60) + " min";
  if (uptime < 48h) return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
  return std::to_string(seconds / 86'400) + " d " + std::to_string(seconds / 3600 % 24) + " h";
}

std::string current_text(const std::optional<Amperes>& threshold) {
  return threshold ? fixed(threshold->value(), 2) + " A" : "off";
}
std::string power_text(const std::optional<Watts>& threshold) { return threshold ? fixed(threshold->value(), 0) + " W" : "off"; }

bool listens(const ModuleFacts& facts) { return facts.settings.fleet.has(protocol::FleetBit::gc_enable); }

std::string broadcast_text(const ModuleFacts& facts) {
  if (!listens(facts)) return "off";
  const auto tick = facts.evidence.gc_tick;
  return "on, group " + std::to_string(facts.settings.group) +
         (tick == protocol::no_gc_tick ? ", none heard since it was switched on" : ", last heard number " + std::to_string(tick));
}

void print_line(std::ostream& out, const std::string& what, const std::string& text) {
  constexpr std::size_t width = 18;
  out << "  " << what << std::string(what.size() < width ? width - what.size() : 1, ' ') << text << '\n';
}

void print_text(const ModuleFacts& facts, I2cAddress address, const BusAccess& access, std::ostream& out) {
  const auto& identity = facts.identity;
  const auto& health = facts.evidence.health;
  const auto* configured = access.configured_at(address);
  out << "Module " << to_string(address) << " on bus \"" << access.name() << "\" (" << access.description() << ")\n";
  print_line(out, "is",
             "rbAmp " + std::string{to_string(identity.variant)} + " " + std::string{to_string(identity.tier.name())} +
                 ", firmware " + std::string{protocol::firmware_name(identity.version)} + ", " +
                 std::to_string(channel_count(identity.variant)) +
                 (has_voltage(identity.variant) ? " current input(s) and voltage"
                                                : " current input(s), no voltage: no power, no energy"));
  print_line(out, "UID", to_string(identity.uid));
  print_line(out, "label", identity.label.empty() ? "none" : identity.label);
  print_line(out, "configured as",
             configured != nullptr ? configured->id : "nothing; rbampd calls it " + default_module_id(identity.uid));
  print_line(out, "capabilities", to_string(identity.capabilities));
  print_line(out, "error", error_text(facts.state.error));
  print_line(out, "status", to_string(facts.state.status));
  print_line(out, "events", to_string(facts.settings.events));
  print_line(out, "up for", uptime_text(health.uptime) + " by its own clock; started by: " + to_string(health.reset_causes));
  print_line(out, "bus faults seen",
             std::to_string(health.bus_errors) + " errors, " + std::to_string(health.bus_recoveries) + " recoveries since then");
  print_line(out, "last latch", facts.state.is_period_valid ? "closed a period" : "none, or empty");
  print_line(out, "sensor class", std::string{to_string(facts.settings.sensor_class)});
  for (std::size_t i = 0; i < channel_count(identity.variant); ++i)
    print_line(out, "CT of channel " + std::to_string(i), commissioning::ct_name(facts.evidence.ct_models.at(i)));
  print_line(
      out, "mains",
      facts.settings.frequency.frequency ? fixed(facts.settings.frequency.frequency, 2) + " Hz" : "no zero crossings seen");
  print_line(out, "broadcast latches", broadcast_text(facts));
  print_line(out, "thresholds",
             current_text(facts.settings.threshold_current) + ", " + power_text(facts.settings.threshold_power) +
                 "; hold DRDY low: " + to_string(facts.settings.event_mask));
  if (facts.settings.address != address)
    print_line(out, "address", to_string(facts.settings.address) + " from its next reset on");
  if (facts.bytewise) print_line(out, "reading", "byte by byte: its bursts do not equal its single reads");
}

template <class Tag>
Json number(const std::optional<Quantity<Tag>>& value) {
  return value ? Json(value->value()) : Json(nullptr);
}

Json to_json(const ModuleFacts& facts, I2cAddress address, const BusAccess& access) {
  const auto& identity = facts.identity;
  const auto& health = facts.evidence.health;
  Json json{{"bus", access.name()},
            {"address", to_string(address)},
            {"id", id_of(access, address, identity.uid)},
            {"is_configured", access.configured_at(address) != nullptr},
            {"uid", to_string(identity.uid)},
            {"label", identity.label},
            {"variant", to_string(identity.variant)},
            {"channels", channel_count(identity.variant)},
            {"has_voltage", has_voltage(identity.variant)},
            {"tier", to_string(identity.tier.name())},
            {"firmware", protocol::firmware_name(identity.version)},
            {"capabilities", identity.capabilities.raw()},
            {"reads_bytewise", facts.bytewise},
            {"error", static_cast<unsigned>(facts.state.error)},
            {"error_text", to_string(facts.state.error)},
            {"status", facts.state.status.raw()},
            {"events", facts.settings.events.raw()},
            {"event_mask", facts.settings.event_mask.raw()},
            {"is_period_valid", facts.state.is_period_valid},
            {"uptime_s", health.uptime.count()},
            {"reset_cause", health.reset_causes.raw()},
            {"bus_errors", health.bus_errors},
            {"bus_recoveries", health.bus_recoveries},
            {"frequency_hz", number(facts.settings.frequency.frequency)},
            {"sensor_class", static_cast<unsigned>(facts.settings.sensor_class)},
            {"ct_models", Json::array()},
            {"broadcast", listens(facts)},
            {"group", facts.settings.group},
            {"last_tick", facts.evidence.gc_tick == protocol::no_gc_tick ? Json(nullptr) : Json(facts.evidence.gc_tick)},
            {"threshold_current_a", number(facts.settings.threshold_current)},
            {"threshold_power_w", number(facts.settings.threshold_power)},
            {"staged_address", facts.settings.address == address ? Json(nullptr) : Json(to_string(facts.settings.address))}};
  for (std::size_t i = 0; i < channel_count(identity.variant); ++i) json["ct_models"].push_back(facts.evidence.ct_models.at(i));
  return json;
}

int info(const Options& options, Context& context) {
  auto access = BusAccess::open(context, options.bus, options.modules.empty() ? std::string{} : options.modules.front());
  if (!access) return context.fail(access.error());
  const auto addresses = find_modules(*access, options.modules);
  if (!addresses) return context.fail(addresses.error());
  int status = exit_status::ok;
  Json all = Json::array();
  for (const auto address : *addresses) {
    const auto facts = commissioning::ModuleLink::open(access->station(), address).and_then(commissioning::describe);
    if (!facts) {
      status = context.fail(facts.error());
      continue;
    }
    if (context.wants_json()) {
      all.push_back(to_json(*facts, address, *access));
    } else {
      print_text(*facts, address, *access, context.out());
    }
  }
  if (context.wants_json()) context.out() << to_text(all) << '\n';
  return status;
}

}  // namespace

void add_info_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"info", "Show what a module is, how it is, and what it is set to; without MODULE of all on the bus",
                "rbampctl info mains\nrbampctl info 0x51 --device /dev/i2c-1 --json"},
               [options](Context& context) { return info(*options, context); });
  add_module_arguments(command, options->modules);
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
