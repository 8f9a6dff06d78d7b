// The one frame a module accepts at address 0x00: a latch for all, or for one group. Protocol 13.2.
#pragma once

#include <array>
#include <cstdint>

#include "protocol/commands.hpp"
#include "protocol/state.hpp"

namespace rbamp::protocol {

using LatchFrame = std::array<std::uint8_t, 5>;

/// `group` 0 reaches every module; `tick` comes back in GC_TICK and is the witness, so it must not be the sentinel 0xFFFF.
[[nodiscard]] constexpr LatchFrame encode_latch_frame(std::uint8_t group, std::uint16_t tick) {
  return {magic, gc_latch_opcode, group, static_cast<std::uint8_t>(tick & 0xFFU), static_cast<std::uint8_t>(tick >> 8U)};
}

/// The tick after this one: skips the sentinel. Persist it before sending (protocol 13.2).
[[nodiscard]] constexpr std::uint16_t next_gc_tick(std::uint16_t tick) {
  return tick >= no_gc_tick - 1 ? std::uint16_t{0} : static_cast<std::uint16_t>(tick + 1);
}

}  // namespace rbamp::protocol
