#include "mqtt/planned_modules.hpp"

#include <algorithm>

namespace rbamp::mqtt {
namespace {

using metering::ModuleDescription;
using Known = std::map<std::string, ModuleDescription>;

template <class Matches>
const ModuleDescription* find(const Known& known, Matches matches) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return matches(entry.second); });
  return found == known.end() ? nullptr : &found->second;
}

const ModuleDescription* hardware_of(const config::Module& module, const Known& known) {
  if (module.uid) return find(known, [&](const auto& one) { return one.uid == *module.uid; });
  const auto is_there = [&](const auto& one) { return one.bus == module.bus && one.address == module.address; };
  // What is metered under this id now comes before what was metered at its address once.
  if (const auto same = known.find(module.id); same != known.end() && is_there(same->second)) return &same->second;
  if (const auto* there = find(known, is_there); there != nullptr) return there;
  const auto same = known.find(module.id);
  return same == known.end() ? nullptr : &same->second;
}

/// "UI2" has two.
std::size_t inputs_of(const ModuleDescription& hardware) {
  const char last = hardware.variant.empty() ? '0' : hardware.variant.back();
  return last >= '1' && last <= '3' ? static_cast<std::size_t>(last - '0') : hardware.channels.size();
}

void add_all_channels(ModuleDescription& module, std::size_t inputs) {
  for (std::size_t i = 0; i < inputs; ++i) {
    const auto number = std::to_string(i);
    module.channels.push_back({ChannelIndex{static_cast<std::uint8_t>(i)}, "ch" + number,
                               inputs == 1 ? module.name : module.name + " " + std::to_string(i + 1)});
  }
}

bool is_in_scope(config::DemandScope scope, metering::Role role) {
  return scope == config::DemandScope::all || (scope == config::DemandScope::grid && role == metering::Role::grid);
}

ModuleDescription configured(const config::Config& config, const config::Module& wanted, const ModuleDescription& hardware) {
  ModuleDescription module = hardware;
  module.id = wanted.id;
  module.name = wanted.name;
  module.role = wanted.role;
  module.bus = wanted.bus;
  module.address = wanted.address;
  module.is_estimated = !hardware.has_voltage && !wanted.voltage_from.empty();
  module.has_demand = is_in_scope(config.demand.scope, wanted.role) && hardware.has_voltage;
  module.channels.clear();
  const std::size_t inputs = inputs_of(hardware);
  for (const auto& channel : wanted.channels) {
    if (channel.index.value() < inputs)
      module.channels.push_back({channel.index, channel.id, channel.name.empty() ? wanted.name : channel.name});
  }
  if (wanted.channels.empty()) add_all_channels(module, inputs);
  return module;
}

/// A chip that nobody configures is named after itself.
ModuleDescription found_by_itself(const config::Config& config, const ModuleDescription& hardware) {
  ModuleDescription module = hardware;
  module.id = default_module_id(hardware.uid);
  module.role = metering::Role::other;
  module.is_estimated = false;
  module.has_demand = is_in_scope(config.demand.scope, module.role) && hardware.has_voltage;
  if (hardware.id == module.id) return module;
  module.name = "rbAmp " + module.id;  // or its label, which is known only when it was announced by it
  module.channels.clear();
  add_all_channels(module, inputs_of(hardware));
  return module;
}

}  // namespace

PlannedModules plan_modules(const config::Config& config, const Known& known) {
  PlannedModules plan;
  if (config.modules.empty()) {
    for (const auto& [id, hardware] : known) {
      auto module = found_by_itself(config, hardware);
      // The same chip may have been announced under several ids; the one that is its own says most.
      if (id == module.id) {
        plan.modules.insert_or_assign(id, std::move(module));
      } else {
        plan.modules.emplace(module.id, std::move(module));
      }
    }
    return plan;
  }
  for (const auto& wanted : config.modules) {
    if (const auto* hardware = hardware_of(wanted, known)) {
      plan.modules.emplace(wanted.id, configured(config, wanted, *hardware));
    } else {
      plan.unknown.push_back(wanted.id);
    }
  }
  return plan;
}

}  // namespace rbamp::mqtt
