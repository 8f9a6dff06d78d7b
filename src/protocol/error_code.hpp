// REG_ERROR 0x02: the outcome of the last register write or command, or a fault of the module. Protocol 5.3, 9.1.
#pragma once

#include <cstdint>
#include <string_view>

namespace rbamp::protocol {

/// A value without an enumerator is possible (later firmware) and is treated as `unhandled`.
enum class ErrorCode : std::uint8_t {
  ok = 0x00,
  clone = 0xF9,             ///< identity check failed, measurement halted; nothing clears it
  lut_bad = 0xFA,           ///< ADC linearisation damaged: linear fallback, 1 to 5 % error
  flash_params_bad = 0xFB,  ///< parameter page blank or torn, defaults loaded; normal on a virgin module
  not_ready = 0xFC,         ///< first window not finished
  sensor_overflow = 0xFD,   ///< clipping
  param = 0xFE,             ///< the last write or command was refused
  unhandled = 0xFF,         ///< firmware fault
};

/// What the master does about a code. Protocol 5.3 "Action" and the flows below it.
enum class Recovery {
  none,              ///< nothing is wrong
  wait,              ///< 50 ms and look again; reset after 300 ms
  clear,             ///< CLEAR_ERROR, 5 ms, look again
  clear_then_reset,  ///< as `clear`; when it comes back, RESET
  provision,         ///< write the configuration again and save it
  degrade,           ///< go on, but mark what is billed
  out_of_service,    ///< take the module out; a person must act
};

[[nodiscard]] Recovery recovery_for(ErrorCode code);
/// True when energy measured in this state may be billed without a mark.
[[nodiscard]] bool is_billable(ErrorCode code);

/// "write or command refused"; for a log or a table.
[[nodiscard]] std::string_view to_string(ErrorCode code);
/// One sentence: what the owner should do.
[[nodiscard]] std::string_view advice_for(ErrorCode code);

}  // namespace rbamp::protocol
