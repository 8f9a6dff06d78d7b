#include "dbus/status_dictionary.hpp"

#include "config/suggestion.hpp"

namespace rbamp::dbus {
namespace {

using Dictionaries = std::vector<Dictionary>;

sdbus::Variant variant(const std::string& text) { return sdbus::Variant{text}; }
sdbus::Variant variant(std::uint64_t number) { return sdbus::Variant{number}; }
sdbus::Variant variant(double number) { return sdbus::Variant{number}; }
sdbus::Variant variant(bool yes) { return sdbus::Variant{yes}; }
sdbus::Variant variant(const Dictionaries& list) { return sdbus::Variant{list}; }
sdbus::Variant variant(Microseconds age) { return variant(static_cast<std::uint64_t>(std::max(age.count(), std::int64_t{0}))); }

template <class T>
void put(Dictionary& into, const std::string& key, const std::optional<T>& value) {
  if (value) into.emplace(key, variant(*value));
}

void put(Dictionary& into, const std::string& key, const std::optional<MicroWattHours>& energy) {
  if (energy) into.emplace(key, sdbus::Variant{energy->value()});
}

Dictionary to_dictionary(const ChannelStatus& channel);
Dictionary to_dictionary(const ModuleStatus& module);
Dictionary to_dictionary(const BusStatus& bus);

template <class T>
Dictionaries to_dictionaries(const std::vector<T>& list) {
  Dictionaries entries;
  entries.reserve(list.size());
  for (const auto& item : list) entries.push_back(to_dictionary(item));
  return entries;
}

Dictionary to_dictionary(const ChannelStatus& channel) {
  Dictionary entry{{"Id", variant(channel.id)}, {"Name", variant(channel.name)}};
  put(entry, "ImportUwh", channel.energy_import);
  put(entry, "ExportUwh", channel.energy_export);
  put(entry, "RulerRatio", channel.ruler_ratio);
  put(entry, "PeriodRulerRatio", channel.period_ruler_ratio);
  return entry;
}

Dictionary to_dictionary(const ModuleStatus& module) {
  Dictionary entry{
      {"Id", variant(module.id)},
      {"Name", variant(module.name)},
      {"Role", variant(module.role)},
      {"Uid", variant(module.uid)},
      {"Variant", variant(module.variant)},
      {"FirmwareVersion", variant(module.firmware_version)},
      {"Bus", variant(module.bus)},
      {"Reachable", variant(module.is_reachable)},
      {"Problem", variant(module.problem)},
      {"Errors", variant(module.errors)},
      {"Retries", variant(module.retries)},
      {"WindowsSeen", variant(module.windows_seen)},
      {"WindowsMissed", variant(module.windows_missed)},
      {"Channels", variant(to_dictionaries(module.channels))},
  };
  if (module.address) entry.emplace("Address", sdbus::Variant{module.address->value()});
  put(entry, "WindowAgeUsec", module.window_age);
  put(entry, "PeriodAgeUsec", module.period_age);
  return entry;
}

Dictionary to_dictionary(const BusStatus& bus) {
  Dictionary entry{
      {"Name", variant(bus.name)},    {"Driver", variant(bus.driver)},     {"Device", variant(bus.device)},
      {"Open", variant(bus.is_open)}, {"Problem", variant(bus.problem)},   {"Transactions", variant(bus.transactions)},
      {"Bytes", variant(bus.bytes)},  {"Retries", variant(bus.retries)},   {"Errors", variant(bus.errors)},
      {"Drdy", variant(bus.drdy)},    {"Overload", variant(bus.overload)},
  };
  put(entry, "EdgeLatencyMedianUsec", bus.edge_latency_median);
  put(entry, "EdgeLatencyP99Usec", bus.edge_latency_p99);
  put(entry, "EdgesLost", bus.edges_lost);
  return entry;
}

Dictionary to_dictionary(const LedgerStatus& ledger) {
  Dictionary entry{
      {"Path", variant(ledger.path)},
      {"Bytes", variant(ledger.bytes)},
      {"Backlog", variant(ledger.backlog)},
      {"Problem", variant(ledger.problem)},
  };
  if (ledger.last_commit) entry.emplace("LastCommitUsec", variant(to_usec(*ledger.last_commit)));
  return entry;
}

template <class T>
bool take(const Dictionary& from, const std::string& key, T& into) {
  const auto it = from.find(key);
  if (it == from.end() || !it->second.containsValueOfType<T>()) return false;
  into = it->second.get<T>();
  return true;
}

void take(const Dictionary& from, const std::string& key, std::optional<Microseconds>& into) {
  if (std::uint64_t usec = 0; take(from, key, usec)) into = Microseconds{static_cast<std::int64_t>(usec)};
}

void take(const Dictionary& from, const std::string& key, std::optional<UtcTime>& into) {
  if (std::uint64_t usec = 0; take(from, key, usec)) into = utc_from(usec);
}

void take(const Dictionary& from, const std::string& key, std::optional<MicroWattHours>& into) {
  if (std::int64_t amount = 0; take(from, key, amount)) into = MicroWattHours{amount};
}

/// Of numbers as they are.
template <class T>
void take_number(const Dictionary& from, const std::string& key, std::optional<T>& into) {
  if (T number{}; take(from, key, number)) into = number;
}

ChannelStatus channel_from(const Dictionary& entry) {
  ChannelStatus channel;
  take(entry, "Id", channel.id);
  take(entry, "Name", channel.name);
  take(entry, "ImportUwh", channel.energy_import);
  take(entry, "ExportUwh", channel.energy_export);
  take_number(entry, "RulerRatio", channel.ruler_ratio);
  take_number(entry, "PeriodRulerRatio", channel.period_ruler_ratio);
  return channel;
}

ModuleStatus module_from(const Dictionary& entry) {
  ModuleStatus module;
  take(entry, "Id", module.id);
  take(entry, "Name", module.name);
  take(entry, "Role", module.role);
  take(entry, "Uid", module.uid);
  take(entry, "Variant", module.variant);
  take(entry, "FirmwareVersion", module.firmware_version);
  take(entry, "Bus", module.bus);
  if (std::uint8_t address = 0; take(entry, "Address", address)) module.address = I2cAddress{address};
  take(entry, "Reachable", module.is_reachable);
  take(entry, "Problem", module.problem);
  take(entry, "WindowAgeUsec", module.window_age);
  take(entry, "PeriodAgeUsec", module.period_age);
  take(entry, "Errors", module.errors);
  take(entry, "Retries", module.retries);
  take(entry, "WindowsSeen", module.windows_seen);
  take(entry, "WindowsMissed", module.windows_missed);
  Dictionaries channels;
  take(entry, "Channels", channels);
  for (const auto& channel : channels) module.channels.push_back(channel_from(channel));
  return module;
}

BusStatus bus_from(const Dictionary& entry) {
  BusStatus bus;
  take(entry, "Name", bus.name);
  take(entry, "Driver", bus.driver);
  take(entry, "Device", bus.device);
  take(entry, "Open", bus.is_open);
  take(entry, "Problem", bus.problem);
  take(entry, "Transactions", bus.transactions);
  take(entry, "Bytes", bus.bytes);
  take(entry, "Retries", bus.retries);
  take(entry, "Errors", bus.errors);
  take(entry, "Drdy", bus.drdy);
  take(entry, "EdgeLatencyMedianUsec", bus.edge_latency_median);
  take(entry, "EdgeLatencyP99Usec", bus.edge_latency_p99);
  take(entry, "Overload", bus.overload);
  take_number(entry, "EdgesLost", bus.edges_lost);
  return bus;
}

LedgerStatus ledger_from(const Dictionary& entry) {
  LedgerStatus ledger;
  take(entry, "Path", ledger.path);
  take(entry, "Bytes", ledger.bytes);
  take(entry, "LastCommitUsec", ledger.last_commit);
  take(entry, "Backlog", ledger.backlog);
  take(entry, "Problem", ledger.problem);
  return ledger;
}

}  // namespace

Dictionary to_dictionary(const Status& status) {
  const Dictionary broker{{"State", variant(status.broker.state)}, {"Detail", variant(status.broker.detail)}};
  return {
      {"Version", variant(status.version)},
      {"StartedUsec", variant(to_usec(status.started))},
      {"State", variant(std::string{to_string(status.health)})},
      {"Problem", variant(status.problem)},
      {"ClockTrusted", variant(status.clock_is_trusted)},
      {"Modules", variant(to_dictionaries(status.modules))},
      {"Buses", variant(to_dictionaries(status.buses))},
      {"Ledger", sdbus::Variant{to_dictionary(status.ledger)}},
      {"Broker", sdbus::Variant{broker}},
  };
}

Result<Status> status_from(const Dictionary& dictionary) {
  Status status;
  std::string state;
  take(dictionary, "State", state);
  const auto health = health_from(state);
  if (!health) {
    return failure(Errc::daemon_refused, Remedy::give_up,
                   "rbampd answered with the state " + config::in_quotes(state) +
                       ", which this program does not know; install the same version of both");
  }
  status.health = *health;
  take(dictionary, "Version", status.version);
  if (std::uint64_t usec = 0; take(dictionary, "StartedUsec", usec)) status.started = utc_from(usec);
  take(dictionary, "Problem", status.problem);
  take(dictionary, "ClockTrusted", status.clock_is_trusted);
  Dictionaries list;
  take(dictionary, "Modules", list);
  for (const auto& entry : list) status.modules.push_back(module_from(entry));
  list.clear();
  take(dictionary, "Buses", list);
  for (const auto& entry : list) status.buses.push_back(bus_from(entry));
  Dictionary part;
  take(dictionary, "Ledger", part);
  status.ledger = ledger_from(part);
  part.clear();
  take(dictionary, "Broker", part);
  take(part, "State", status.broker.state);
  take(part, "Detail", status.broker.detail);
  return status;
}

}  // namespace rbamp::dbus
