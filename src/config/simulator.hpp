// [simulator]: the house behind driver = "simulator".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace rbamp::config {

/// What flows through one clamp. Powers are physical, signed: positive is import.
struct SimulatedLoad {
  enum class Shape { constant, square, sine, solar_day, file };
  Shape shape = Shape::constant;
  /// constant; the mean of sine; the peak at noon of solar_day (negative: generates); the high level of square
  double power_w = 0.0;
  double low_w = 0.0;                              ///< square: the low level
  double amplitude_w = 0.0;                        ///< sine
  Microseconds period = std::chrono::seconds{10};  ///< square, sine
  double duty = 0.5;                               ///< square: share of the period at power_w
  double power_factor = 1.0;                       ///< -1..1 without 0; negative: leading (capacitive)
  double offset_w = 0.0;                           ///< added to every shape (a base load under a solar day)
  std::string file;  ///< file: lines "seconds,watts", held until the next line, repeated from the start after the last

  bool operator==(const SimulatedLoad&) const = default;
};

struct SimulatedModule {
  std::string bus = "main";
  I2cAddress address;
  std::string variant = "UI1";  ///< UI1, UI2, UI3, I1, I2, I3
  std::string label;
  std::string uid;         ///< 24 hex digits; empty: drawn from the seed and the address
  bool virgin = false;     ///< fresh from the factory: at 0x50 whatever `address` says, until it is set up
  bool plugged = true;     ///< false: not connected yet
  bool broadcast = false;  ///< GC_ENABLE was set before boot
  std::uint8_t group = 0;
  std::string firmware = "1.3";                 ///< "1.0" to "1.3"
  std::string tier = "basic";                   ///< "basic" or "standard": what FW_TIER says
  std::optional<std::uint8_t> export_register;  ///< where it shows its average export; none: nowhere
  std::optional<double> chip_clock;             ///< of real time; none: drawn from the seed, 0.73 to 0.74
  std::vector<SimulatedLoad> loads;             ///< per channel; missing ones draw nothing

  bool operator==(const SimulatedModule&) const = default;
};

/// What goes wrong, and when; an entry of the fault script.
struct SimulatedFault {
  std::string kind;                  ///< one of simulated_fault_kinds()
  Microseconds at{};                 ///< since the house began
  std::optional<UtcTime> at_utc;     ///< absolute, instead of `at`
  Microseconds lasting{};            ///< 0: for ever for a state, at once for an event
  std::string bus;                   ///< empty: every simulated bus
  std::optional<I2cAddress> module;  ///< none: every module, every transfer
  std::optional<double> value;
  int code = 0;
  std::string uid;  ///< 24 hex digits, or empty

  bool operator==(const SimulatedFault&) const = default;
};
[[nodiscard]] std::vector<std::string> simulated_fault_kinds();

/// A chip that is no rbAmp: an EEPROM, something that answers general calls, or an rbDimmer.
struct SimulatedForeigner {
  std::string kind = "eeprom";
  std::string bus = "main";
  I2cAddress address;

  bool operator==(const SimulatedForeigner&) const = default;
};

struct Simulator {
  std::uint64_t seed = 1;
  double mains_voltage = 230.0;
  double mains_frequency = 50.0;
  std::uint32_t bus_speed_hz = 100'000;  ///< wire time of each transfer
  bool general_call = true;              ///< the adapters can send one
  bool smbus_only = false;               ///< the adapters carry 32 bytes at most
  double time_scale = 1.0;               ///< solar_day only: how much faster the sun moves than the clock
  std::string state_file;                ///< keeps the modules' state across restarts of the daemon; empty: they boot with it
  std::vector<SimulatedModule> modules;
  std::vector<SimulatedForeigner> foreigners;
  std::vector<SimulatedFault> faults;

  bool operator==(const Simulator&) const = default;
};

}  // namespace rbamp::config
