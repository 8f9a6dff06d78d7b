// [simulator] against the buses.
#include <algorithm>
#include <map>

#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace rbamp::config {
namespace {

/// The last character of a variant is its number of channels.
std::size_t channels_of(std::string_view variant) { return static_cast<std::size_t>(variant.back() - '0'); }

void check_bus_of(Draft& draft, const std::string& bus, const std::string& path) {
  std::vector<std::string> simulated;
  for (const auto& known : draft.config.buses) {
    if (known.driver == BusDriver::simulator) simulated.push_back(known.name);
  }
  if (std::find(simulated.begin(), simulated.end(), bus) != simulated.end()) return;
  const bool exists =
      std::any_of(draft.config.buses.begin(), draft.config.buses.end(), [&](const Bus& known) { return known.name == bus; });
  draft.complain_at(path + ".bus", without_numbers(path) + ".bus: " +
                                       (exists ? "bus " + in_quotes(bus) + " is not simulated: set its driver to \"simulator\""
                                               : "there is no bus " + in_quotes(bus) + did_you_mean(bus, simulated)));
}

bool is_about(const SimulatedFault& fault, const SimulatedModule& module) {
  return (fault.bus.empty() || fault.bus == module.bus) && fault.module == module.address;
}

/// A fault of a module that is not there would do nothing; one of a bus may concern an address where nobody is.
void check_faults(Draft& draft) {
  const auto& simulator = draft.config.simulator;
  for (std::size_t i = 0; i < simulator.faults.size(); ++i) {
    const auto& fault = simulator.faults[i];
    const auto path = entry_path("simulator.fault", i);
    if (!fault.bus.empty()) check_bus_of(draft, fault.bus, path);
    if (!fault.module || draft.is_wrong(path + ".bus")) continue;
    const bool is_there = std::any_of(simulator.modules.begin(), simulator.modules.end(),
                                      [&](const SimulatedModule& module) { return is_about(fault, module); });
    if (!is_there) {
      draft.complain_at(path + ".module", "simulator.fault.module: there is no simulated module at " + to_string(*fault.module) +
                                              (fault.bus.empty() ? std::string{} : " on bus " + in_quotes(fault.bus)));
    }
  }
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
    check_bus_of(draft, module.bus, path);
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
  check_faults(draft);
  for (std::size_t i = 0; i < draft.config.simulator.foreigners.size(); ++i) {
    const auto& foreigner = draft.config.simulator.foreigners[i];
    const auto path = entry_path("simulator.foreign", i);
    check_bus_of(draft, foreigner.bus, path);
    if (const auto taken = addresses.find({foreigner.bus, foreigner.address}); taken != addresses.end()) {
      draft.complain_at(path + ".address", "simulator.foreign.address: " + to_string(foreigner.address) + " on bus " +
                                               in_quotes(foreigner.bus) + " is used already, at " +
                                               draft.where(taken->second + ".address"));
    }
  }
}

}  // namespace rbamp::config
