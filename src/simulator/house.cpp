#include "simulator/house.hpp"

#include <algorithm>

namespace rbamp::simulator {
namespace {

constexpr std::size_t smbus_block = 32;

/// A bus that belongs to the world, as something the fleet can own and drop.
class BorrowedBus final : public bus::I2cBus {
 public:
  explicit BorrowedBus(bus::I2cBus& bus) : bus_(bus) {}
  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override {
    return bus_.read(module, reg, into);
  }
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override { return bus_.write(to, bytes); }
  [[nodiscard]] bus::Capabilities capabilities() const override { return bus_.capabilities(); }
  [[nodiscard]] std::string describe() const override { return bus_.describe(); }

 private:
  bus::I2cBus& bus_;
};

LoadSettings::Shape shape_of(config::SimulatedLoad::Shape shape) {
  using From = config::SimulatedLoad::Shape;
  using To = LoadSettings::Shape;
  switch (shape) {
    case From::constant: return To::constant;
    case From::square: return To::square;
    case From::sine: return To::sine;
    case From::solar_day: return To::solar_day;
    case From::file: return To::file;
  }
  return To::constant;
}

LoadSettings load_of(const config::SimulatedLoad& from) {
  LoadSettings load;
  load.shape = shape_of(from.shape);
  load.power_w = from.power_w;
  load.low_w = from.low_w;
  load.amplitude_w = from.amplitude_w;
  load.period = from.period;
  load.duty = from.duty;
  load.power_factor = from.power_factor;
  load.offset_w = from.offset_w;
  load.file = from.file;
  return load;
}

tl::unexpected<Error> refused(const std::string& words) { return failure(Errc::config_invalid, Remedy::give_up, words); }

Firmware firmware_of(const std::string& version) {
  if (version == "1.0") return Firmware::v1_0;
  if (version == "1.1") return Firmware::v1_1;
  return version == "1.2" ? Firmware::v1_2 : Firmware::v1_3;
}

Result<Fault> fault_of(const config::SimulatedFault& from) {
  const auto kind = fault_kind_from(from.kind);
  if (!kind) return refused("simulated fault: no kind \"" + from.kind + "\"");
  Fault fault;
  fault.kind = *kind;
  fault.at = from.at;
  fault.at_utc = from.at_utc;
  fault.lasting = from.lasting;
  fault.bus = from.bus;
  fault.module = from.module;
  fault.value = from.value;
  fault.code = from.code;
  if (!from.uid.empty()) {
    fault.uid = ModuleUid::parse(from.uid);
    if (!fault.uid) return refused("simulated fault \"" + from.kind + "\": uid must be 24 hex digits");
  }
  return fault;
}

ForeignSettings foreigner_of(const config::SimulatedForeigner& from) {
  using Kind = ForeignSettings::Kind;
  ForeignSettings foreigner;
  foreigner.kind = from.kind == "eeprom" ? Kind::eeprom : from.kind == "dimmer" ? Kind::dimmer : Kind::general_call_listener;
  foreigner.bus = from.bus;
  foreigner.address = from.address;
  return foreigner;
}

Result<ModuleSettings> module_of(const config::SimulatedModule& from) {
  ModuleSettings module;
  module.bus = from.bus;
  module.address = from.address;
  const auto variant = variant_from(from.variant);
  if (!variant) return refused("simulated module " + to_string(from.address) + ": no variant \"" + from.variant + "\"");
  module.variant = *variant;
  if (!from.uid.empty()) {
    module.uid = ModuleUid::parse(from.uid);
    if (!module.uid) return refused("simulated module " + to_string(from.address) + ": uid must be 24 hex digits");
  }
  module.provisioned = !from.virgin;
  module.plugged = from.plugged;
  module.label = from.label;
  module.broadcast = from.broadcast;
  module.group = from.group;
  module.firmware = firmware_of(from.firmware);
  module.is_standard_tier = from.tier == "standard";
  module.export_register = from.export_register;
  module.chip_clock = from.chip_clock;
  for (const auto& load : from.loads) {
    ChannelSettings channel;
    channel.loads.push_back(load_of(load));
    module.channels.push_back(std::move(channel));
  }
  return module;
}

void add_bus(WorldSettings& world, const std::string& name, const config::Simulator& settings) {
  if (std::any_of(world.buses.begin(), world.buses.end(), [&](const auto& bus) { return bus.name == name; })) return;
  BusSettings bus;
  bus.name = name;
  bus.speed_hz = settings.bus_speed_hz;
  bus.has_general_call = settings.general_call;
  if (settings.smbus_only) bus.max_transfer = smbus_block;
  world.buses.push_back(bus);
}

}  // namespace

Result<std::unique_ptr<World>> build_house(const config::Simulator& settings, Clock& clock) {
  WorldSettings world;
  world.seed = settings.seed;
  world.mains.voltage_v = settings.mains_voltage;
  world.mains.frequency_hz = settings.mains_frequency;
  world.sun_speed = settings.time_scale;
  world.state_file = settings.state_file;
  for (const auto& from : settings.modules) {
    auto module = module_of(from);
    if (!module) return failure(std::move(module.error()));
    add_bus(world, module->bus, settings);
    world.modules.push_back(std::move(*module));
  }
  for (const auto& from : settings.foreigners) {
    add_bus(world, from.bus, settings);
    world.foreign.push_back(foreigner_of(from));
  }
  for (const auto& from : settings.faults) {
    auto fault = fault_of(from);
    if (!fault) return failure(std::move(fault.error()));
    world.faults.push_back(std::move(*fault));
  }
  return World::create(std::move(world), clock);
}

std::function<Result<std::unique_ptr<bus::I2cBus>>()> open_in(World& world, std::string bus) {
  return [&world, bus = std::move(bus)]() -> Result<std::unique_ptr<bus::I2cBus>> {
    auto* found = world.bus(bus);
    if (found == nullptr) {
      return failure(Errc::bus_missing, Remedy::reinitialise,
                     "the simulated house has no module on bus \"" + bus + "\": add a [[simulator.module]] for it");
    }
    return std::unique_ptr<bus::I2cBus>{std::make_unique<BorrowedBus>(*found)};
  };
}

}  // namespace rbamp::simulator
