// /org/rbampd1/module/ID on one connection: what a place is and what it measures. Contract: org.rbampd1.Module.xml.
#pragma once

#include <dbus-glue/module_adaptor.hpp>
#include <optional>
#include <string>
#include <vector>

#include "dbus/compat.hpp"
#include "metering/output.hpp"

namespace rbamp::dbus {

/// What is known of one module; outlives connections.
struct ModuleView {
  metering::ModuleDescription description;
  bool is_reachable = false;
  std::optional<metering::Reading> live;  ///< none while the module is not reachable
  std::vector<metering::RegisterReading> registers;
};

/// Lives as long as its connection, and at most as long as `view`. Loop thread.
class ModuleObject final : public sdbus::AdaptorInterfaces<org::rbampd1::Module_adaptor, sdbus::ManagedObject_adaptor> {
 public:
  ModuleObject(sdbus::IConnection& connection, const ModuleView& view);
  ModuleObject(const ModuleObject&) = delete;
  ModuleObject& operator=(const ModuleObject&) = delete;
  ~ModuleObject();

  void emit_changed(const std::vector<std::string>& properties);
  void emit_added();
  void emit_removed();

 private:
  std::string Id() override { return view_.description.id; }
  std::string Name() override { return view_.description.name; }
  std::string Role() override { return std::string{metering::to_string(view_.description.role)}; }
  std::string Uid() override { return to_string(view_.description.uid); }
  std::string Variant() override { return view_.description.variant; }
  std::string HardwareVersion() override { return view_.description.hardware_version; }
  std::string FirmwareVersion() override { return view_.description.firmware_version; }
  bool HasVoltage() override { return view_.description.has_voltage; }
  bool Reachable() override { return view_.is_reachable; }
  NamedDictionaries Channels() override;
  Dictionary Live() override;
  NamedDictionaries LiveChannels() override;
  NamedDictionaries Registers() override;

  const ModuleView& view_;
};

}  // namespace rbamp::dbus
