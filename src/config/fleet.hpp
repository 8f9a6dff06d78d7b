// [[bus]] and [[module]]: where modules are and what they meter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "metering/output.hpp"

namespace rbamp::config {

enum class BusDriver { i2c_dev, simulator };
enum class LatchMode { automatic, broadcast, sequential };

/// A DRDY line: by offset, or by name (then the chip may be empty: all chips are searched).
struct DrdyLine {
  std::string chip;
  std::optional<unsigned> offset;
  std::string line_name;

  bool operator==(const DrdyLine&) const = default;
};

struct Bus {
  std::string name = "main";
  BusDriver driver = BusDriver::i2c_dev;
  std::string device = "/dev/i2c-1";
  LatchMode latch = LatchMode::automatic;
  std::optional<DrdyLine> drdy;

  bool operator==(const Bus&) const = default;
};

struct Channel {
  ChannelIndex index;
  std::string id;
  std::string name;
  bool invert = false;  ///< clamp mounted the wrong way round

  bool operator==(const Channel&) const = default;
};

struct Module {
  std::string id;
  std::string bus = "main";
  I2cAddress address;
  std::string name;
  metering::Role role = metering::Role::other;
  std::optional<ModuleUid> uid;    ///< pinned: another chip at this address is refused
  std::vector<Channel> channels;   ///< may be empty: every channel of the variant, ids "ch0", "ch1", "ch2"
  std::string voltage_from{};      ///< another module: one without a voltage input is metered with its voltage, as an estimate
  double power_factor = 1.0;       ///< that is assumed then
  std::optional<DrdyLine> drdy{};  ///< a line of its own; without it the bus's
  std::optional<std::uint8_t> export_register{};  ///< first of three f32 of firmware that averages export itself

  bool operator==(const Module&) const = default;
};

}  // namespace rbamp::config
