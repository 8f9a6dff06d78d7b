#include "house.hpp"

namespace rbamp::mqtt {

using namespace metering;

ModuleDescription module_of(const std::string& variant, const std::string& id, const std::string& name) {
  ModuleDescription module;
  module.id = id;
  module.name = name;
  module.uid = *ModuleUid::parse("1f002a000b47393233363831");
  module.variant = variant;
  module.has_voltage = variant.starts_with("UI");
  module.hardware_version = std::to_string(variant.back() - '0' + (module.has_voltage ? 0 : 3));
  module.firmware_version = "1.3.0";
  module.ct_models = {"SCT-013-005", "SCT-013-010", "SCT-013-020", "SCT-013-030", "SCT-013-050"};
  module.bus = "main";
  module.address = I2cAddress{0x50};
  const int channels = variant.back() - '0';
  for (int i = 0; i < channels; ++i) {
    module.channels.push_back(
        {ChannelIndex{static_cast<std::uint8_t>(i)}, "ch" + std::to_string(i), "Channel " + std::to_string(i + 1)});
  }
  return module;
}

ModuleDescription workshop() {
  ModuleDescription module = module_of("UI2", "workshop", "Workshop meter");
  module.channels[0] = {ChannelIndex{0}, "lights", "Lights"};
  module.channels[1] = {ChannelIndex{1}, "sockets", "Sockets"};
  return module;
}

Reading workshop_reading(double lights_power) {
  Reading reading;
  reading.module_id = "workshop";
  reading.utc = now_utc;
  reading.voltage = Volts{230.42};
  reading.frequency = Hertz{49.981};
  reading.channels.push_back({ChannelIndex{0}, "lights", Amperes{1.52}, Watts{lights_power}, Vars{-21.4}, PowerFactor{0.99}});
  reading.channels.push_back({ChannelIndex{1}, "sockets", Amperes{0.0}, Watts{0.0}, Vars{0.0}, std::nullopt});
  return reading;
}

ModuleSettings workshop_settings(double current_threshold) {
  ModuleSettings settings;
  settings.module_id = "workshop";
  if (current_threshold > 0.0) settings.current_threshold = Amperes{current_threshold};
  settings.ct_models = {"SCT-013-030", "SCT-013-010", ""};
  return settings;
}

RegisterReading registers(const std::string& channel, std::int64_t import_uwh, std::int64_t export_uwh, UtcTime since) {
  return {channel, MicroWattHours{import_uwh}, MicroWattHours{export_uwh}, since};
}

CommittedModule workshop_minute(std::int64_t lights_import_uwh, std::int64_t sockets_import_uwh) {
  CommittedPosting posting;
  posting.channel_id = "lights";
  posting.span.begin.utc = now_utc - std::chrono::seconds{60};
  posting.span.end.utc = now_utc;
  posting.span.length = std::chrono::seconds{60};
  posting.energy_import = MicroWattHours{5'803'333};
  CommittedPosting idle = posting;
  idle.channel_id = "sockets";
  idle.energy_import = MicroWattHours{};
  return {"workshop",
          {posting, idle},
          {registers("lights", lights_import_uwh, 12'000'000), registers("sockets", sockets_import_uwh)}};
}

DaemonState daemon_state(std::uint32_t modules_online, std::string problem) {
  return {UtcTime{std::chrono::seconds{1767600000}}, modules_online, 0, std::move(problem)};
}

}  // namespace rbamp::mqtt
