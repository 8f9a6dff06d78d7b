// A small simulated house on virtual time, and short words for what a master does on its bus.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "protocol/commands.hpp"
#include "protocol/registers.hpp"
#include "simulator/world.hpp"
#include "support/catch.hpp"

namespace rbamp::simulator::test {

namespace reg = protocol::reg;
using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

inline LoadSettings constant(double watts, double power_factor = 1.0) {
  LoadSettings load;
  load.power_w = watts;
  load.power_factor = power_factor;
  return load;
}

inline LoadSettings square(double high, double low, Microseconds period, double duty = 0.5) {
  LoadSettings load;
  load.shape = LoadSettings::Shape::square;
  load.power_w = high;
  load.low_w = low;
  load.period = period;
  load.duty = duty;
  return load;
}

inline LoadSettings sine(double mean, double amplitude, Microseconds period) {
  LoadSettings load;
  load.shape = LoadSettings::Shape::sine;
  load.power_w = mean;
  load.amplitude_w = amplitude;
  load.period = period;
  return load;
}

inline LoadSettings solar(double peak, double base = 0.0) {
  LoadSettings load;
  load.shape = LoadSettings::Shape::solar_day;
  load.power_w = peak;
  load.offset_w = base;
  return load;
}

/// One module at 0x50 that booted when the world began, with one load per channel.
inline ModuleSettings module_with(std::vector<LoadSettings> loads, Variant variant = Variant::ui1, std::uint8_t address = 0x50) {
  ModuleSettings module;
  module.address = I2cAddress{address};
  module.variant = variant;
  module.window_phase = 0us;
  module.chip_clock = 0.735;
  for (auto& load : loads) module.channels.push_back({.loads = {std::move(load)}});
  return module;
}

inline WorldSettings world_of(std::vector<ModuleSettings> modules, std::vector<Fault> faults = {}) {
  WorldSettings settings;
  settings.time_of_day = 0s;
  settings.modules = std::move(modules);
  settings.faults = std::move(faults);
  return settings;
}

inline Fault fault(FaultKind kind, Microseconds at = 0us, Microseconds lasting = 0us) {
  Fault made;
  made.kind = kind;
  made.at = at;
  made.lasting = lasting;
  return made;
}

inline Fault fault_with(FaultKind kind, double value, Microseconds at = 0us, Microseconds lasting = 0us) {
  auto made = fault(kind, at, lasting);
  made.value = value;
  return made;
}

inline unsigned u16_at(const Bytes& bytes, std::size_t at) { return bytes.at(at) + 256U * bytes.at(at + 1); }
inline std::uint32_t u32_at(const Bytes& bytes, std::size_t at) { return u16_at(bytes, at) + 65536U * u16_at(bytes, at + 2); }
inline double f32_at(const Bytes& bytes, std::size_t at) { return static_cast<double>(std::bit_cast<float>(u32_at(bytes, at))); }

struct House {
  explicit House(WorldSettings settings) {
    auto made = World::create(std::move(settings), clock);
    if (!made) FAIL(made.error().detail);
    world = std::move(*made);
  }
  explicit House(ModuleSettings module, std::vector<Fault> faults = {})
      : House(world_of({std::move(module)}, std::move(faults))) {}

  [[nodiscard]] SimulatedBus& bus() const { return *world->bus(); }
  void wait(Microseconds time) { clock.advance(time); }
  /// To this time since the world began, so that bus transfers in between do not count.
  void wait_until(Microseconds since_start) { clock.advance_to(world->began() + since_start); }

  [[nodiscard]] Result<Bytes> try_read(std::uint8_t from, std::size_t size, std::uint8_t address = 0x50) const {
    Bytes bytes(size);
    if (auto done = bus().read(I2cAddress{address}, from, bytes); !done) return failure(done.error());
    return bytes;
  }
  [[nodiscard]] Bytes read(std::uint8_t from, std::size_t size, std::uint8_t address = 0x50) const {
    auto bytes = try_read(from, size, address);
    if (!bytes) FAIL(bytes.error().detail);
    return *bytes;
  }
  [[nodiscard]] unsigned u8(std::uint8_t at, std::uint8_t address = 0x50) const { return read(at, 1, address)[0]; }
  [[nodiscard]] unsigned u16(std::uint8_t at, std::uint8_t address = 0x50) const { return u16_at(read(at, 2, address), 0); }
  [[nodiscard]] std::uint32_t u32(std::uint8_t at, std::uint8_t address = 0x50) const { return u32_at(read(at, 4, address), 0); }
  [[nodiscard]] double f32(std::uint8_t at, std::uint8_t address = 0x50) const { return f32_at(read(at, 4, address), 0); }
  [[nodiscard]] Result<void> try_write(const Bytes& bytes, std::uint8_t address = 0x50) const {
    return bus().write(I2cAddress{address}, bytes);
  }
  void write(std::uint8_t to, std::uint8_t value, std::uint8_t address = 0x50) const {
    if (auto done = try_write({to, value}, address); !done) FAIL(done.error().detail);
  }
  void command(protocol::Command what, std::uint8_t address = 0x50) const {
    write(reg::command, static_cast<std::uint8_t>(what), address);
  }
  /// Latch, settle, and see whether there is a snapshot.
  bool latch(std::uint8_t address = 0x50) {
    command(protocol::Command::latch_period, address);
    wait(50ms);
    return (u8(reg::period_valid, address) & 1U) != 0;
  }
  [[nodiscard]] bool answers(std::uint8_t address = 0x50) const { return try_read(reg::version, 1, address).has_value(); }
  [[nodiscard]] bool broadcast(std::uint8_t group, std::uint16_t tick) const {
    return try_write({0xA5, 0x27, group, static_cast<std::uint8_t>(tick & 0xFFU), static_cast<std::uint8_t>(tick >> 8U)}, 0)
        .has_value();
  }

  ManualClock clock;
  std::unique_ptr<World> world;
};

}  // namespace rbamp::simulator::test
