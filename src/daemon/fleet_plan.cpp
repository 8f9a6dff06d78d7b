#include "daemon/fleet_plan.hpp"

#include <algorithm>

namespace rbamp::daemon {
namespace {

std::string display_name(const config::Module& module, const config::Channel& channel) {
  return channel.name.empty() ? module.name : channel.name;
}

bool has_demand(const config::Demand& demand, metering::Role role) {
  return demand.scope == config::DemandScope::all || (demand.scope == config::DemandScope::grid && role == metering::Role::grid);
}

/// How often somebody wants to see the live values of a module.
Microseconds show_every(const config::Config& config) {
  auto every = config.events.sample_interval;
  if (config.mqtt && config.mqtt->live_interval > Microseconds::zero()) every = std::min(every, config.mqtt->live_interval);
  return every;
}

fleet::Assignment assignment_of(const config::Config& config, const config::Module& module) {
  fleet::Assignment assignment{
      module.address, module.id, module.name, module.role, module.uid, {}, has_demand(config.demand, module.role)};
  if (!module.voltage_from.empty()) assignment.voltage_from = fleet::VoltageSource{module.voltage_from, module.power_factor};
  assignment.lends_voltage = std::any_of(config.modules.begin(), config.modules.end(),
                                         [&](const config::Module& other) { return other.voltage_from == module.id; });
  assignment.export_register = module.export_register;
  for (const auto& channel : module.channels) {
    assignment.channels.push_back({channel.index, channel.id, display_name(module, channel), channel.invert});
  }
  return assignment;
}

fleet::BusFleet::Change bus_change(const config::Config& config, const config::Bus& bus) {
  fleet::BusFleet::Change change;
  change.latch = bus.latch;
  change.is_automatic = config.modules.empty();
  change.show_every = show_every(config);
  for (const auto& module : config.modules) {
    if (module.bus == bus.name) change.assignments.push_back(assignment_of(config, module));
  }
  return change;
}

}  // namespace

fleet::BusFleet::Settings bus_settings(const config::Config& config, const config::Bus& bus) {
  auto change = bus_change(config, bus);
  fleet::BusFleet::Settings settings;
  settings.name = bus.name;
  settings.latch = change.latch;
  settings.assignments = std::move(change.assignments);
  settings.is_automatic = change.is_automatic;
  settings.show_every = change.show_every;
  return settings;
}

fleet::Fleet::Change fleet_change(const config::Config& config) {
  fleet::Fleet::Change change;
  change.period = config.daemon.period;
  for (const auto& bus : config.buses) change.buses.emplace(bus.name, bus_change(config, bus));
  return change;
}

log::Level log_level(const config::Daemon& daemon) {
  switch (daemon.log_level) {
    case config::LogLevel::trace: return log::Level::trace;
    case config::LogLevel::debug: return log::Level::debug;
    case config::LogLevel::info: return log::Level::info;
    case config::LogLevel::warning: return log::Level::warning;
    case config::LogLevel::error: return log::Level::error;
  }
  return log::Level::info;
}

}  // namespace rbamp::daemon
