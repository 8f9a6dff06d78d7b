// Moving a module to another address: stage, arm, commit, reset. Protocol 4.5, 13.3.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "protocol/register_write.hpp"

namespace rbamp::protocol {

inline constexpr std::chrono::seconds address_arm_window{5};  ///< from the magic to the commit
inline constexpr std::size_t max_modules_per_bus = 16;

/// The registers take 0x08 to 0x77. Whether the address is free is for the bus to say: it must not acknowledge.
/// Error: config_invalid (give_up).
[[nodiscard]] Result<void> check_module_address(I2cAddress address);

/// The three writes, to be sent in one go. Then: 700 ms, REG_ERROR (0xFE: not armed, out of range, or too late), latch and book,
/// RESET, 300 ms, and the module answers at the new address; the old one must stay silent. Until the reset nothing has moved.
[[nodiscard]] Result<std::array<RegisterWrite, 3>> address_change_writes(I2cAddress to);

}  // namespace rbamp::protocol
