#include "daemon/status_report.hpp"

#include <algorithm>

#include "daemon/version.hpp"

namespace rbamp::daemon {
namespace {

using fleet::BusFleet;
using fleet::Module;

std::string module_problem(const Module& module) {
  switch (module.state) {
    case Module::State::refused: return "the chip at " + to_string(module.address()) + " is not the one that belongs there";
    case Module::State::searching: return module.is_identified() ? "it does not answer any more" : "it has not answered yet";
    case Module::State::opening:
    case Module::State::metering:
    case Module::State::removed: break;
  }
  if (!module.is_reachable) return "it does not answer";
  return module.is_stalled() ? "its periods cannot be booked" : "";
}

void add_registers(dbus::ChannelStatus& channel, const std::string& module_id, const Bookkeeper& bookkeeper) {
  for (const auto& [place, account] : bookkeeper.accounts()) {
    if (account.place_id != module_id) continue;
    for (const auto& known : account.channels) {
      if (known.id != channel.id) continue;
      channel.energy_import = known.registers.energy_import;
      channel.energy_export = known.registers.energy_export;
    }
  }
}

dbus::ModuleStatus module_status(const StatusSources& from, const BusFleet& bus, const Module& module) {
  const auto now = from.clock.boot_now();
  const auto description = module.describe();
  dbus::ModuleStatus status;
  status.id = module.id();
  status.name = description.name;
  status.role = to_string(description.role);
  if (module.is_identified()) {
    status.uid = to_string(module.uid());
    status.variant = description.variant;
    status.firmware_version = description.firmware_version;
  }
  status.bus = bus.name();
  status.address = module.address();
  status.is_reachable = module.is_reachable;
  status.problem = module_problem(module);
  if (module.last_window != BootTime{}) status.window_age = now - module.last_window;
  if (const auto until = module.covered_until(); until && until->boot == BootId::of_host()) status.period_age = now - until->at;
  status.errors = module.errors;
  status.retries = bus.station().counters().retries_at[module.address().value()].load(std::memory_order_relaxed);
  const auto windows = bus.windows_of(module);
  status.windows_seen = windows.seen;
  status.windows_missed = windows.missed;
  for (const auto& channel : description.channels) {
    status.channels.push_back(
        {channel.id, channel.name, {}, {}, module.ruler_ratio(channel.index), module.period_ruler_ratio(channel.index)});
    add_registers(status.channels.back(), status.id, from.bookkeeper);
  }
  return status;
}

std::string drdy_word(const BusFleet& bus) {
  switch (bus.drdy()) {
    case fleet::DrdyLines::State::none: return "none";
    case fleet::DrdyLines::State::edges: return "edges";
    case fleet::DrdyLines::State::held: return "held";
    case fleet::DrdyLines::State::silent: return "silent";
  }
  return {};
}

dbus::BusStatus bus_status(const StatusSources& from, const BusFleet& bus) {
  dbus::BusStatus status;
  status.name = bus.name();
  const auto configured = std::find_if(from.config.buses.begin(), from.config.buses.end(),
                                       [&](const config::Bus& one) { return one.name == bus.name(); });
  const bool is_simulated = configured != from.config.buses.end() && configured->driver == config::BusDriver::simulator;
  status.driver = is_simulated ? "simulator" : "i2c-dev";
  if (configured != from.config.buses.end() && !is_simulated) status.device = configured->device;
  status.is_open = bus.is_open();
  if (bus.open_error()) status.problem = bus.open_error()->detail;
  const auto& counters = bus.station().counters();
  status.transactions = counters.transactions.load(std::memory_order_relaxed);
  status.bytes = counters.bytes.load(std::memory_order_relaxed);
  status.retries = counters.retries.load(std::memory_order_relaxed);
  status.errors = counters.exhausted.load(std::memory_order_relaxed);
  status.drdy = drdy_word(bus);
  status.edges_lost = bus.edges_lost();
  status.edge_latency_median = bus.edge_latency().quantile(0.5);
  status.edge_latency_p99 = bus.edge_latency().quantile(0.99);
  status.overload = bus.overload();
  return status;
}

dbus::BrokerStatus broker_status(const StatusSources& from) {
  if (!from.config.mqtt) return {"off", {}};
  if (from.mqtt.publisher() == nullptr) return {"refused", "is not used: the log says why"};
  const auto& mqtt = *from.config.mqtt;
  if (!from.mqtt.publisher()->is_online()) {
    const auto& why = from.mqtt.publisher()->connection_trouble();
    return {"connecting", mqtt.broker + (why.empty() ? " cannot be reached" : ": " + why)};
  }
  return {"online", mqtt.broker + (mqtt.insecure_skip_tls_verify ? ", its certificate NOT verified" : "")};
}

/// What keeps energy from being metered or stored; empty when nothing does.
std::string failure_of(const dbus::Status& status) {
  if (!status.ledger.problem.empty()) return "the ledger: " + status.ledger.problem;
  for (const auto& bus : status.buses) {
    if (!bus.is_open) return "bus \"" + bus.name + "\" is not open" + (bus.problem.empty() ? "" : ": " + bus.problem);
  }
  for (const auto& module : status.modules) {
    if (!module.problem.empty()) return "module \"" + module.id + "\": " + module.problem;
  }
  return {};
}

/// What needs a look although energy is metered; empty when nothing does.
std::string weakness_of(const dbus::Status& status) {
  if (!status.problem.empty()) return status.problem;
  if (status.modules.empty()) return "no module was found yet";
  for (const auto& bus : status.buses) {
    if (!bus.overload.empty()) return "bus \"" + bus.name + "\": " + bus.overload;
  }
  if (status.broker.state != "off" && status.broker.state != "online") return "the broker " + status.broker.detail;
  if (!status.clock_is_trusted) return "the clock of this host is not synchronised: times may be corrected later";
  return {};
}

void judge(dbus::Status& status) {
  if (auto failed = failure_of(status); !failed.empty()) {
    status.health = dbus::Health::failed;
    status.problem = std::move(failed);
  } else if (auto weak = weakness_of(status); !weak.empty()) {
    status.health = dbus::Health::degraded;
    status.problem = std::move(weak);
  }
}

}  // namespace

dbus::Status status_report(const StatusSources& from) {
  dbus::Status status;
  status.version = version;
  status.started = from.started;
  status.problem = from.problem;
  status.clock_is_trusted = from.clock.utc_is_synchronised();
  for (const auto& bus : from.fleet.buses()) {
    status.buses.push_back(bus_status(from, *bus));
    for (const auto& module : bus->modules()) status.modules.push_back(module_status(from, *bus, *module));
  }
  status.ledger.path = from.config.storage.path;
  if (from.ledger) status.ledger.bytes = from.ledger->file_bytes + from.ledger->log_bytes;
  status.ledger.last_commit = from.bookkeeper.last_commit();
  status.ledger.backlog = from.bookkeeper.backlog();
  status.ledger.problem = from.bookkeeper.problem();
  status.broker = broker_status(from);
  judge(status);
  return status;
}

}  // namespace rbamp::daemon
