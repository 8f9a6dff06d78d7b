// Live values of one module, read after read.
#pragma once

#include <array>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "protocol/live_block.hpp"

namespace rbamp::commissioning {

/// One window as the module measured it, and what is read beside it: up to one read older.
struct LiveValues {
  BootTime at{};  ///< when the transfer began
  protocol::LiveBlock block;
  std::array<std::optional<Vars>, max_channels> reactive_power;  ///< absent without a voltage input
  std::optional<Hertz> frequency;
};

/// Each read is one transfer of 56 bytes (or, where a module cannot do bursts, twice 56 of one byte) and one more, which is reactive power and frequency in turns: both change slowly, and lie
/// far apart in the register page. Protocol 10.1.
class LiveFeed {
 public:
  /// Identifies the module and reads the frequency. Errors: those of ModuleLink::open.
  [[nodiscard]] static Result<LiveFeed> open(fleet::BusStation& bus, I2cAddress address);
  /// The same of a module that was identified or declared before.
  [[nodiscard]] static Result<LiveFeed> open(ModuleLink module);

  /// Blocks for some 7 ms at 100 kHz. Errors: bus_*. The next call may succeed.
  [[nodiscard]] Result<LiveValues> read();
  [[nodiscard]] const ModuleLink& module() const { return module_; }

 private:
  explicit LiveFeed(ModuleLink module) : module_(std::move(module)) {}

  ModuleLink module_;
  bool wants_frequency_ = false;
  std::array<std::optional<Vars>, max_channels> reactive_power_;
  std::optional<Hertz> frequency_;
};

}  // namespace rbamp::commissioning
