// Opcodes for the COMMAND register: only what the daemon may ever send. Protocol section 6.
#pragma once

#include <chrono>
#include <cstdint>

namespace rbamp::protocol {

/// The allow-list. Factory opcodes (recalibrate, seal, bootloader, factory reset ...) have no enumerator on purpose.
enum class Command : std::uint8_t {
  reset = 0x01,
  latch_period = 0x27,
  set_ct_model_ch0 = 0x28,
  set_ct_model_ch1 = 0x29,
  set_ct_model_ch2 = 0x2A,
  commit_addr = 0x30,
  clear_error = 0x31,
  save_user_config = 0x32,
  capture_raw = 0x38,
};

/// Wait after the command before its effect may be read. Protocol section 6 and 19.
[[nodiscard]] constexpr std::chrono::milliseconds settle_time(Command command) {
  switch (command) {
    case Command::reset: return std::chrono::milliseconds{300};
    case Command::latch_period: return std::chrono::milliseconds{50};
    case Command::set_ct_model_ch0:
    case Command::set_ct_model_ch1:
    case Command::set_ct_model_ch2:
    case Command::clear_error: return std::chrono::milliseconds{5};
    case Command::commit_addr:
    case Command::save_user_config: return std::chrono::milliseconds{700};
    case Command::capture_raw: return std::chrono::milliseconds{80};
  }
  return std::chrono::milliseconds{0};
}

inline constexpr std::uint8_t magic = 0xA5;            ///< arms an address change; first byte of a general-call frame
inline constexpr std::uint8_t gc_latch_opcode = 0x27;  ///< second byte of a general-call frame

}  // namespace rbamp::protocol
