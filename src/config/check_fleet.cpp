// Buses and modules: what follows from other keys, and what contradicts itself.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace rbamp::config {
namespace {

std::string bus_path(std::size_t index, std::string_view key) { return entry_path("bus", index) + "." + std::string{key}; }
std::string module_path(std::size_t index, std::string_view key) { return entry_path("module", index) + "." + std::string{key}; }

/// Remembers where a value was used first; complains at each later use.
template <class Value>
class Unique {
 public:
  Unique(Draft& draft, std::string what) : draft_(draft), what_(std::move(what)) {}
  void add(const Value& value, const std::string& shown, const std::string& path) {
    const auto [first, is_new] = seen_.emplace(value, path);
    if (is_new) return;
    draft_.complain_at(
        path, without_numbers(path) + ": " + shown + " is used twice, first at " + draft_.where(first->second) + "; " + what_);
  }

 private:
  Draft& draft_;
  std::string what_;
  std::map<Value, std::string> seen_;
};

void check_bus(Draft& draft, std::size_t index) {
  const auto& bus = draft.config.buses[index];
  if (bus.driver != BusDriver::simulator) return;
  if (const auto path = bus_path(index, "device"); draft.has(path)) {
    draft.complain_at(path, "bus.device: bus " + in_quotes(bus.name) + " is simulated and has no device: remove this key");
  }
  if (const auto path = bus_path(index, "drdy"); draft.has(path)) {
    draft.complain_at(path, "bus.drdy: bus " + in_quotes(bus.name) + " is simulated and has no GPIO line: remove this key");
  }
}

std::string drdy_identity(const DrdyLine& drdy) {
  auto chip = drdy.chip;
  constexpr std::string_view folder = "/dev/";
  if (chip.starts_with(folder)) chip.erase(0, folder.size());
  return chip + ":" + (drdy.offset ? std::to_string(*drdy.offset) : in_quotes(drdy.line_name));
}

bool is_named(const DrdyLine& drdy) { return drdy.offset || !drdy.line_name.empty(); }

void check_own_line(Draft& draft, std::size_t index) {
  const auto& module = draft.config.modules[index];
  const auto bus =
      std::find_if(draft.config.buses.begin(), draft.config.buses.end(), [&](const Bus& one) { return one.name == module.bus; });
  if (bus == draft.config.buses.end() || bus->driver != BusDriver::simulator) return;
  draft.complain_at(module_path(index, "drdy"), "module.drdy: module " + in_quotes(module.id) + " is on bus " +
                                                    in_quotes(bus->name) +
                                                    ", which is simulated and has no GPIO line: remove this key");
}

void check_buses(Draft& draft) {
  Unique<std::string> names{draft, "each bus needs a name of its own"};
  Unique<std::string> devices{draft, "each device is one bus"};
  Unique<std::string> lines{draft, "a line can be requested once only; modules that share one use [[bus]] drdy"};
  for (std::size_t i = 0; i < draft.config.buses.size(); ++i) {
    const auto& bus = draft.config.buses[i];
    names.add(bus.name, in_quotes(bus.name), bus_path(i, "name"));
    if (bus.driver == BusDriver::i2c_dev) devices.add(bus.device, in_quotes(bus.device), bus_path(i, "device"));
    if (bus.drdy && is_named(*bus.drdy)) lines.add(drdy_identity(*bus.drdy), "this line", bus_path(i, "drdy"));
    check_bus(draft, i);
  }
  for (std::size_t i = 0; i < draft.config.modules.size(); ++i) {
    const auto& module = draft.config.modules[i];
    if (module.drdy && is_named(*module.drdy)) lines.add(drdy_identity(*module.drdy), "this line", module_path(i, "drdy"));
    if (module.drdy) check_own_line(draft, i);
  }
}

struct ChannelOwner {
  std::string module_id;
  std::string channel_id;
  std::string path;
};
using ChannelOwners = std::map<std::string, ChannelOwner>;  // by module id and channel id, joined

/// The reactive power of "pump" and the power of "pump_reactive" would be one entity. No other quantity ends like another one.
void check_reactive_ids(Draft& draft, const ChannelOwners& owners) {
  for (const auto& [joined, owner] : owners) {
    const auto found = owners.find(joined + "_reactive");
    if (found == owners.end() || draft.is_wrong(found->second.path)) continue;
    const auto& other = found->second;
    draft.complain_at(other.path, without_numbers(other.path) + ": Home Assistant could not tell the power of channel " +
                                      in_quotes(other.channel_id) + " of module " + in_quotes(other.module_id) +
                                      " from the reactive power of channel " + in_quotes(owner.channel_id) + " of module " +
                                      in_quotes(owner.module_id) + " at " + draft.where(owner.path) + ": choose another id");
  }
}

/// Home Assistant knows an entity by module id, channel id and quantity joined with '_': "a" + "b_c" would be "a_b" + "c".
void check_joined_ids(Draft& draft) {
  ChannelOwners owners;
  for (std::size_t i = 0; i < draft.config.modules.size(); ++i) {
    const auto& module = draft.config.modules[i];
    std::vector<std::pair<std::string, std::string>> channels;  // id, path
    for (std::size_t c = 0; c < module.channels.size(); ++c) {
      channels.emplace_back(module.channels[c].id, entry_path(module_path(i, "channel"), c) + ".id");
    }
    if (module.channels.empty()) {
      for (std::size_t c = 0; c < max_channels; ++c) channels.emplace_back("ch" + std::to_string(c), module_path(i, "id"));
    }
    for (const auto& [id, path] : channels) {
      const auto joined = module.id + "_" + id;
      const auto [owner, is_new] = owners.emplace(joined, ChannelOwner{module.id, id, path});
      if (is_new || owner->second.module_id == module.id || draft.is_wrong(path)) continue;  // have their own complaints
      draft.complain_at(path, without_numbers(path) + ": module " + in_quotes(module.id) + " with channel " + in_quotes(id) +
                                  " has the same joined name, " + in_quotes(joined) + ", as a channel of module " +
                                  in_quotes(owner->second.module_id) + " at " + draft.where(owner->second.path) +
                                  ": Home Assistant could not tell them apart");
    }
  }
  check_reactive_ids(draft, owners);
}

void check_channels(Draft& draft, std::size_t index) {
  const auto channel_array = module_path(index, "channel");
  Unique<std::uint8_t> indices{draft, "each input of a module is one channel"};
  Unique<std::string> ids{draft, "each channel of a module needs an id of its own"};
  const auto& channels = draft.config.modules[index].channels;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const auto path = entry_path(channel_array, c);
    if (draft.has_good(path + ".index"))
      indices.add(channels[c].index.value(), std::to_string(channels[c].index.value()), path + ".index");
    if (!draft.has_good(path + ".id")) continue;
    ids.add(channels[c].id, in_quotes(channels[c].id), path + ".id");
    // The power of such a channel, and the module's over-power threshold.
    if (channels[c].id == "threshold") {
      draft.complain_at(
          path + ".id",
          "module.channel.id: \"threshold\" stands for the thresholds of the module itself in Home Assistant: choose "
          "another id");
    }
  }
}

void check_voltage_source(Draft& draft, std::size_t index) {
  const auto& modules = draft.config.modules;
  const auto& module = modules[index];
  const auto path = module_path(index, "voltage_from");
  if (module.voltage_from.empty() || draft.is_wrong(path)) return;
  const auto source =
      std::find_if(modules.begin(), modules.end(), [&](const Module& one) { return one.id == module.voltage_from; });
  const std::string key = "module.voltage_from: ";
  if (source == modules.end()) {
    std::vector<std::string> ids;
    ids.reserve(modules.size());
    for (const auto& one : modules) ids.push_back(one.id);
    draft.complain_at(path,
                      key + "there is no module " + in_quotes(module.voltage_from) + did_you_mean(module.voltage_from, ids));
  } else if (source->id == module.id) {
    draft.complain_at(path, key + "must be another module, one with a voltage input");
  } else if (!source->voltage_from.empty()) {
    draft.complain_at(
        path, key + in_quotes(source->id) + " takes its voltage from another module itself; name one with a voltage input");
  }
}

void check_modules(Draft& draft) {
  std::vector<std::string> bus_names;
  for (const auto& bus : draft.config.buses) bus_names.push_back(bus.name);
  Unique<std::string> ids{draft, "each module needs an id of its own"};
  Unique<std::pair<std::string, std::uint8_t>> addresses{draft, "one module per address and bus"};
  Unique<ModuleUid> uids{draft, "each chip is one module"};
  for (std::size_t i = 0; i < draft.config.modules.size(); ++i) {
    const auto& module = draft.config.modules[i];
    if (draft.has_good(module_path(i, "id"))) ids.add(module.id, in_quotes(module.id), module_path(i, "id"));
    if (module.uid) uids.add(*module.uid, in_quotes(to_string(*module.uid)), module_path(i, "uid"));
    if (module.address.is_module_address()) {
      addresses.add({module.bus, module.address.value()}, to_string(module.address) + " on bus " + in_quotes(module.bus),
                    module_path(i, "address"));
    }
    const bool is_known = std::find(bus_names.begin(), bus_names.end(), module.bus) != bus_names.end();
    if (!is_known && !draft.is_wrong(module_path(i, "bus"))) {
      draft.complain_at(module_path(i, "bus"),
                        "module.bus: there is no bus " + in_quotes(module.bus) + did_you_mean(module.bus, bus_names));
    }
    check_channels(draft, i);
    check_voltage_source(draft, i);
  }
}

void complete_module(Module& module) {
  if (module.name.empty()) module.name = module.id;
  for (auto& channel : module.channels) {
    const auto index = static_cast<unsigned>(channel.index.value());
    if (channel.id.empty()) channel.id = "ch" + std::to_string(index);
    if (!channel.name.empty()) continue;
    channel.name = module.channels.size() == 1 ? module.name : module.name + " " + std::to_string(index + 1);
  }
}

}  // namespace

void complete(Draft& draft) {
  auto& config = draft.config;
  if (config.buses.empty()) config.buses.emplace_back();
  // A module that names no bus is on the only one there is, whatever its name.
  for (std::size_t i = 0; i < config.modules.size(); ++i) {
    if (config.buses.size() == 1 && !draft.has(module_path(i, "bus"))) config.modules[i].bus = config.buses.front().name;
    complete_module(config.modules[i]);
  }
  const auto is_simulated = [](const Bus& bus) { return bus.driver == BusDriver::simulator; };
  const auto simulated = std::find_if(config.buses.begin(), config.buses.end(), is_simulated);
  if (std::count_if(config.buses.begin(), config.buses.end(), is_simulated) == 1) {
    for (std::size_t i = 0; i < config.simulator.modules.size(); ++i) {
      if (!draft.has(entry_path("simulator.module", i) + ".bus")) config.simulator.modules[i].bus = simulated->name;
    }
    for (std::size_t i = 0; i < config.simulator.foreigners.size(); ++i) {
      if (!draft.has(entry_path("simulator.foreign", i) + ".bus")) config.simulator.foreigners[i].bus = simulated->name;
    }
  }
  if (!draft.has("homeassistant.birth_topic")) config.homeassistant.birth_topic = config.homeassistant.prefix + "/status";
}

void check_fleet(Draft& draft) {
  check_buses(draft);
  check_modules(draft);
  check_joined_ids(draft);
}

}  // namespace rbamp::config
