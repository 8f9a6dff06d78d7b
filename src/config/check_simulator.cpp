// [simulator] against the buses.
#include <algorithm>
#include <map>

#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace rbamp::config {
namespace {

/// The last character of a variant is its number of channels.
std::size_t channels_of(std::string_view variant) { return static_cast<std::size_t>(variant.back() - '0'); }

void check_bus_of(Draft& draft, const SimulatedModule& module, const std::string& path) {
  std::vector<std::string> simulated;
  for (const auto& bus : draft.config.buses) {
    if (bus.driver == BusDriver::simulator) simulated.push_back(bus.name);
  }
  if (std::find(simulated.begin(), simulated.end(), module.bus) != simulated.end()) return;
  const bool exists =
      std::any_of(draft.config.buses.begin(), draft.config.buses.end(), [&](const Bus& bus) { return bus.name == module.bus; });
  draft.complain_at(
      path + ".bus",
      exists ? "simulator.module.bus: bus " + in_quotes(module.bus) + " is not simulated: set its driver to \"simulator\""
             : "simulator.module.bus: there is no bus " + in_quotes(module.bus) + did_you_mean(module.bus, simulated));
}

}  // namespace

void check_simulator(Draft& draft) {
  if (!draft.has("simulator")) return;
  const auto& buses = draft.config.buses;
  if (std::none_of(buses.begin(), buses.end(), [](const Bus& bus) { return bus.driver == BusDriver::simulator; })) {
    draft.complain_at("simulator", "[simulator] has no effect: no [[bus]] has driver = \"simulator\"");
    return;
  }
  std::map<std::pair<std::string, I2cAddress>, std::string> addresses;
  std::map<ModuleUid, std::string> uids;
  for (std::size_t i = 0; i < draft.config.simulator.modules.size(); ++i) {
    const auto& module = draft.config.simulator.modules[i];
    const auto path = entry_path("simulator.module", i);
    check_bus_of(draft, module, path);
    // Virgin modules all come from the factory with one address, and are plugged in and set up one after the other.
    if (module.address.is_module_address() && !module.virgin) {
      const auto [first, is_new] = addresses.emplace(std::pair{module.bus, module.address}, path);
      if (!is_new) {
        draft.complain_at(path + ".address", "simulator.module.address: " + to_string(module.address) + " on bus " +
                                                 in_quotes(module.bus) + " is used twice, first at " +
                                                 draft.where(first->second + ".address") +
                                                 "; two modules that answer at one address destroy each other's bits");
      }
    }
    if (const auto uid = ModuleUid::parse(module.uid)) {
      const auto [first, is_new] = uids.emplace(*uid, path);
      if (!is_new) {
        draft.complain_at(path + ".uid", "simulator.module.uid: " + in_quotes(module.uid) + " is used twice, first at " +
                                             draft.where(first->second + ".uid") + "; no two chips have the same UID");
      }
    }
    if (const auto channels = channels_of(module.variant); module.loads.size() > channels) {
      draft.complain_at(entry_path(path + ".load", channels),
                        "simulator.module.load: variant " + module.variant + " has only " + std::to_string(channels) +
                            (channels == 1 ? " channel" : " channels") + ", and each load is one channel");
    }
  }
}

}  // namespace rbamp::config
