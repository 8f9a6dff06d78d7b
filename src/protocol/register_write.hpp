// The only write a module takes: one byte to one register. Further bytes of a write would be dropped silently. Protocol 3.1.
#pragma once

#include <array>
#include <cstdint>

#include "protocol/commands.hpp"
#include "protocol/flags.hpp"
#include "protocol/registers.hpp"

namespace rbamp::protocol {

struct RegisterWrite {
  reg::Address reg = 0;
  std::uint8_t value = 0;
  constexpr bool operator==(const RegisterWrite&) const = default;
};

/// What goes over the bus after the address: `S A+W reg value P`.
using WriteFrame = std::array<std::uint8_t, 2>;

[[nodiscard]] constexpr WriteFrame encode(RegisterWrite write) { return {write.reg, write.value}; }
[[nodiscard]] constexpr RegisterWrite command_write(Command command) {
  return {reg::command, static_cast<std::uint8_t>(command)};
}
[[nodiscard]] constexpr WriteFrame encode(Command command) { return encode(command_write(command)); }
/// Write 1 to clear: names only the flags that were handled, zeros leave the others alone (9.3).
[[nodiscard]] constexpr RegisterWrite acknowledge_write(Events handled) { return {reg::event_flags, handled.raw()}; }

}  // namespace rbamp::protocol
