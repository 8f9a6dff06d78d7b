#include "daemon/reload_plan.hpp"

#include <algorithm>
#include <utility>

namespace rbamp::daemon {
namespace {

/// Buses keep device, driver and DRDY line; only how they latch is taken over.
void keep_buses(const config::Config& running, ReloadPlan& plan) {
  const auto wanted = std::exchange(plan.effective.buses, running.buses);
  const auto find = [](auto& buses, const std::string& name) {
    return std::find_if(buses.begin(), buses.end(), [&](const config::Bus& bus) { return bus.name == name; });
  };
  for (const auto& bus : wanted) {
    const auto kept = find(plan.effective.buses, bus.name);
    if (kept == plan.effective.buses.end()) {
      plan.needs_restart.push_back("[[bus]] \"" + bus.name + "\" (new)");
      continue;
    }
    kept->latch = bus.latch;
    if (*kept != bus) plan.needs_restart.push_back("[[bus]] \"" + bus.name + "\" (driver, device, drdy)");
  }
  for (const auto& bus : running.buses) {
    if (find(wanted, bus.name) == wanted.end()) plan.needs_restart.push_back("[[bus]] \"" + bus.name + "\" (removed)");
  }
}

/// A GPIO line is requested once, at the start, for the module that has it then.
void keep_own_lines(const config::Config& running, ReloadPlan& plan) {
  for (auto& module : plan.effective.modules) {
    const auto known = std::find_if(running.modules.begin(), running.modules.end(),
                                    [&](const config::Module& one) { return one.id == module.id; });
    const bool is_known = known != running.modules.end();
    const auto line = is_known ? known->drdy : std::nullopt;
    const bool stays = is_known && known->bus == module.bus && known->address == module.address;
    if (module.drdy == line && (stays || !line)) continue;
    plan.needs_restart.push_back("[[module]] \"" + module.id + "\" (drdy)");
    module.drdy = line;
  }
}

template <class Value>
void keep(Value& wanted, const Value& running, const char* key, ReloadPlan& plan) {
  if (wanted == running) return;
  wanted = running;
  plan.needs_restart.emplace_back(key);
}

}  // namespace

ReloadPlan plan_reload(const config::Config& running, config::Config wanted) {
  ReloadPlan plan;
  plan.effective = std::move(wanted);
  auto& effective = plan.effective;
  // Days and quarter hours in the ledger are of one zone from its opening on.
  keep(effective.daemon.timezone, running.daemon.timezone, "daemon.timezone", plan);
  keep(effective.storage.path, running.storage.path, "storage.path", plan);
  keep(effective.simulator, running.simulator, "[simulator]", plan);
  keep(effective.demand, running.demand, "[demand]", plan);
  keep_buses(running, plan);
  keep_own_lines(running, plan);

  plan.changes_log_level = effective.daemon.log_level != running.daemon.log_level;
  plan.changes_events = effective.events != running.events;
  plan.changes_retention = effective.storage != running.storage;
  plan.changes_mqtt = effective.mqtt != running.mqtt || effective.homeassistant != running.homeassistant;
  plan.changes_fleet = effective.daemon.period != running.daemon.period || effective.modules != running.modules ||
                       effective.buses != running.buses || effective.events.sample_interval != running.events.sample_interval ||
                       effective.mqtt.has_value() != running.mqtt.has_value() ||
                       (effective.mqtt && effective.mqtt->live_interval != running.mqtt->live_interval);
  return plan;
}

}  // namespace rbamp::daemon
