// [simulator]
#include <array>
#include <limits>

#include "config/export_register.hpp"
#include "config/sections.hpp"
#include "config/text_rules.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;
using Shape = SimulatedLoad::Shape;

constexpr double highest_power_w = 1e6;

/// Keys that only some shapes look at. A key that does nothing would hide a mistake.
struct ShapeKey {
  std::string_view key;
  std::string_view shapes;
  bool (*is_used)(Shape shape);
};
constexpr std::array shape_keys{
    ShapeKey{"power_w", "\"constant\", \"square\", \"sine\" or \"solar_day\"", [](Shape shape) { return shape != Shape::file; }},
    ShapeKey{"low_w", "\"square\"", [](Shape shape) { return shape == Shape::square; }},
    ShapeKey{"duty", "\"square\"", [](Shape shape) { return shape == Shape::square; }},
    ShapeKey{"amplitude_w", "\"sine\"", [](Shape shape) { return shape == Shape::sine; }},
    ShapeKey{"period", "\"square\" or \"sine\"", [](Shape shape) { return shape == Shape::square || shape == Shape::sine; }},
    ShapeKey{"file", "\"file\"", [](Shape shape) { return shape == Shape::file; }},
};

void read_load(TableReader& table, SimulatedLoad& load) {
  table.choice("shape", load.shape,
               {{"constant", Shape::constant},
                {"square", Shape::square},
                {"sine", Shape::sine},
                {"solar_day", Shape::solar_day},
                {"file", Shape::file}});
  table.number("power_w", load.power_w, -highest_power_w, highest_power_w);
  table.number("low_w", load.low_w, -highest_power_w, highest_power_w);
  table.number("amplitude_w", load.amplitude_w, 0.0, highest_power_w);
  table.duration("period", load.period, 10ms, 24h);
  table.number("duty", load.duty, 0.0, 1.0);
  table.number("power_factor", load.power_factor, -1.0, 1.0);
  if (load.power_factor == 0.0) table.complain("power_factor", "0 is not possible with a power that is given in watts");
  table.number("offset_w", load.offset_w, -highest_power_w, highest_power_w);
  table.text("file", load.file, absolute_path);
  if (table.is_wrong("shape")) return;
  for (const auto& [key, shapes, is_used] : shape_keys) {
    if (table.has(key) && !is_used(load.shape)) table.complain(key, "has an effect only with shape = " + std::string{shapes});
  }
  if (load.shape == Shape::file) table.require("file", "file = \"/var/lib/rbampd/load.csv\"");
}

void read_simulated_module(TableReader& table, SimulatedModule& module) {
  table.text("bus", module.bus, plain_id);
  table.address("address", module.address);
  table.require("address", "address = 0x50");
  table.choice<std::string>("variant", module.variant,
                            {{"UI1", "UI1"}, {"UI2", "UI2"}, {"UI3", "UI3"}, {"I1", "I1"}, {"I2", "I2"}, {"I3", "I3"}});
  table.text("label", module.label, module_label);
  table.text("uid", module.uid, uid_or_empty);
  table.boolean("virgin", module.virgin);
  table.boolean("plugged", module.plugged);
  table.boolean("broadcast", module.broadcast);
  table.integer("group", module.group, 0, std::numeric_limits<std::uint8_t>::max());
  table.choice<std::string>("firmware", module.firmware, {{"1.0", "1.0"}, {"1.1", "1.1"}, {"1.2", "1.2"}, {"1.3", "1.3"}});
  table.choice<std::string>("tier", module.tier, {{"basic", "basic"}, {"standard", "standard"}});
  read_export_register(table, module.export_register);
  double chip_clock = 0.0;
  table.number("chip_clock", chip_clock, 0.1, 2.0);
  if (table.has("chip_clock") && !table.is_wrong("chip_clock")) module.chip_clock = chip_clock;
  table.each("load", [&module](TableReader& inner) { read_load(inner, module.loads.emplace_back()); });
}

void read_foreigner(TableReader& table, SimulatedForeigner& foreigner) {
  table.choice<std::string>("kind", foreigner.kind,
                            {{"eeprom", "eeprom"}, {"general_call_listener", "general_call_listener"}, {"dimmer", "dimmer"}});
  table.text("bus", foreigner.bus, plain_id);
  table.address("address", foreigner.address);
  table.require("address", "address = 0x57");
}

}  // namespace

void read_simulator(TableReader& table, Simulator& simulator) {
  table.integer("seed", simulator.seed, 0, std::numeric_limits<std::int64_t>::max());
  table.number("mains_voltage", simulator.mains_voltage, 50.0, 500.0);
  table.number("mains_frequency", simulator.mains_frequency, 40.0, 70.0);
  table.integer("bus_speed_hz", simulator.bus_speed_hz, 10'000, 1'000'000);
  table.boolean("general_call", simulator.general_call);
  table.boolean("smbus_only", simulator.smbus_only);
  table.number("time_scale", simulator.time_scale, 0.001, 100'000.0);
  table.text("state_file", simulator.state_file, absolute_path_or_empty);
  table.each("module", [&simulator](TableReader& inner) { read_simulated_module(inner, simulator.modules.emplace_back()); });
  table.each("foreign", [&simulator](TableReader& inner) { read_foreigner(inner, simulator.foreigners.emplace_back()); });
  table.each("fault", [&simulator](TableReader& inner) { read_simulated_fault(inner, simulator.faults.emplace_back()); });
}

}  // namespace rbamp::config
