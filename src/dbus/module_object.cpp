#include "dbus/module_object.hpp"

#include "dbus/object_path.hpp"
#include "dbus/status_dictionary.hpp"

namespace rbamp::dbus {
namespace {

/// A quantity in the unit that its key names; what is absent has no key.
template <class Quantity>
void put(Dictionary& into, const char* key, const std::optional<Quantity>& value) {
  if (value) into.emplace(key, sdbus::Variant{value->value()});
}

double kilowatt_hours(MicroWattHours energy) { return static_cast<double>(energy.value()) * 1e-9; }

}  // namespace

ModuleObject::ModuleObject(sdbus::IConnection& connection, const ModuleView& view)
    : AdaptorInterfaces(connection, sdbus::ObjectPath{module_path(view.description.id)}), view_(view) {
  registerAdaptor();
}

ModuleObject::~ModuleObject() { unregisterAdaptor(); }

void ModuleObject::emit_changed(const std::vector<std::string>& properties) {
  const std::vector<compat::PropertyName> names{properties.begin(), properties.end()};
  getObject().emitPropertiesChangedSignal(Module_adaptor::INTERFACE_NAME, names);
}

void ModuleObject::emit_added() { emitInterfacesAddedSignal(); }
void ModuleObject::emit_removed() { emitInterfacesRemovedSignal(); }

NamedDictionaries ModuleObject::Channels() {
  NamedDictionaries channels;
  for (const auto& channel : view_.description.channels) {
    auto& entry = channels[channel.id];
    entry.emplace("Index", sdbus::Variant{channel.index.value()});
    entry.emplace("Name", sdbus::Variant{channel.name});
  }
  return channels;
}

Dictionary ModuleObject::Live() {
  Dictionary live;
  if (!view_.live) return live;
  live.emplace("AtUsec", sdbus::Variant{to_usec(view_.live->utc)});
  put(live, "VoltageV", view_.live->voltage);
  put(live, "FrequencyHz", view_.live->frequency);
  return live;
}

NamedDictionaries ModuleObject::LiveChannels() {
  NamedDictionaries channels;
  if (!view_.live) return channels;
  for (const auto& channel : view_.live->channels) {
    auto& entry = channels[channel.id];
    put(entry, "CurrentA", channel.current);
    put(entry, "PowerW", channel.active_power);
    put(entry, "ReactivePowerVar", channel.reactive_power);
    put(entry, "PowerFactor", channel.power_factor);
    if (channel.ruler_ratio) entry.emplace("RulerRatio", sdbus::Variant{*channel.ruler_ratio});
    if (channel.period_ruler_ratio) entry.emplace("PeriodRulerRatio", sdbus::Variant{*channel.period_ruler_ratio});
  }
  return channels;
}

NamedDictionaries ModuleObject::Registers() {
  NamedDictionaries channels;
  for (const auto& reading : view_.registers) {
    auto& entry = channels[reading.channel_id];
    entry.emplace("ImportUwh", sdbus::Variant{reading.energy_import.value()});
    entry.emplace("ExportUwh", sdbus::Variant{reading.energy_export.value()});
    entry.emplace("ImportKwh", sdbus::Variant{kilowatt_hours(reading.energy_import)});
    entry.emplace("ExportKwh", sdbus::Variant{kilowatt_hours(reading.energy_export)});
    entry.emplace("SinceUsec", sdbus::Variant{to_usec(reading.since)});
  }
  return channels;
}

}  // namespace rbamp::dbus
