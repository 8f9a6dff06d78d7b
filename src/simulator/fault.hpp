// What goes wrong in a simulated world, and when: a script of faults.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace rbamp::simulator {

enum class FaultKind : std::uint8_t {
  // A bus, for a time. `value` is the probability per transaction unless said otherwise.
  nack_address,   ///< the address is not acknowledged
  nack_data,      ///< a later byte is not acknowledged: a write has no effect
  emi_burst,      ///< a relay nearby: the transaction fails in some phase, 0.67 when no value is given
  bit_flip,       ///< one bit of the read data is wrong
  lost_write,     ///< acknowledged, but without effect
  lost_ack,       ///< the write takes effect but is reported as failed
  bus_stuck,      ///< SDA or SCL held low: everything ends in the adapter's timeout
  adapter_error,  ///< everything fails with the errno in `code`
  slow_bus,       ///< `value` milliseconds more per transaction
  // One module (or every one of the bus), at an instant.
  power_cycle,  ///< without supply for `lasting`; 0: only just
  watchdog_reset,
  unplug,         ///< off the bus and without supply for `lasting`; 0: for ever
  replace_chip,   ///< another chip at the same address: `uid`, or one drawn from the seed; configured as the old one
  error_state,    ///< REG_ERROR becomes `code`: 0xF9 CLONE, 0xFA LUT_BAD, 0xFB flash, 0xFF fault
  blank_flash,    ///< the flash loses the user configuration; seen at the next boot
  foreign_latch,  ///< another master latches the period
  chip_clock,     ///< the chip's timer runs at `value` of real time from now on
  // One module (or every one of the bus), for a time.
  miss_broadcast,  ///< general-call frames are not seen
  empty_latch,     ///< latches race with a commit and come out empty
  slow_latch,      ///< a snapshot takes `value` milliseconds to become visible
  overload,        ///< the input clips: REG_ERROR 0xFD at each commit
  drdy_silent,     ///< no pulse reaches the line
  drdy_stuck,      ///< the line is held low
  drdy_noise,      ///< `value` false edges per second
  // Everything.
  mains_outage,  ///< no voltage and no load; the modules keep their own supply
};

/// "power_cycle" and so on, as in a script; nullopt for anything else.
[[nodiscard]] std::optional<FaultKind> fault_kind_from(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(FaultKind kind) noexcept;

[[nodiscard]] constexpr bool is_bus_fault(FaultKind kind) { return kind <= FaultKind::slow_bus; }
[[nodiscard]] constexpr bool is_module_state(FaultKind kind) {
  return kind >= FaultKind::miss_broadcast && kind <= FaultKind::drdy_noise;
}

struct Fault {
  FaultKind kind = FaultKind::nack_address;
  Microseconds at{};              ///< since the world began; ignored when at_utc is set
  std::optional<UtcTime> at_utc;  ///< absolute, by the world's clock when it began
  Microseconds lasting{};         ///< 0: for ever for a state (bus faults included), at once for an event
  std::string bus;                ///< empty: every bus
  /// For a fault of a module: as in the settings, wherever the module has moved since; none: every module of the bus.
  /// For a fault of a bus: the address on the wire; none: every transfer.
  std::optional<I2cAddress> module;
  std::optional<double> value;
  int code = 0;
  std::optional<ModuleUid> uid;
};

/// Measured behaviour of real hosts. Protocol 14.1.
[[nodiscard]] Fault steady_nacks_at_100khz();                          ///< ESP hosts: 20 %
[[nodiscard]] Fault steady_nacks_at_50khz();                           ///< residual 0.8 %
[[nodiscard]] Fault emi_burst(Microseconds at, Microseconds lasting);  ///< relay or inductive switching: 67 %

}  // namespace rbamp::simulator
