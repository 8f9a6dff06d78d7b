// What can go wrong, as a value: a code, what the caller should do next, and words for a person.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace rbamp {

/// What the caller does next. The place that acts on it is the place that logs it.
enum class Remedy {
  retry,         ///< the same call may work at once or after a few milliseconds
  wait,          ///< the other side is busy; try again after a pause
  verify,        ///< the call may have taken effect; look before repeating it
  reinitialise,  ///< the handle is useless; open it anew
  give_up,       ///< nothing the program does will help; a person must act
};

enum class Errc {
  bus_nack = 1,      ///< nobody acknowledged the address or a byte
  bus_timeout,       ///< the adapter gave up: SCL or SDA held low
  bus_arbitration,   ///< another master won
  bus_io,            ///< the adapter reported something else
  bus_unsupported,   ///< the adapter cannot do this kind of transfer
  bus_permission,    ///< the device may not be opened or used by this user
  bus_missing,       ///< the device does not exist (any more), or is no I2C adapter
  bus_busy,          ///< another program holds the bus
  torn_read,         ///< two reads of the same registers kept disagreeing
  not_ready,         ///< the module has not finished its first window
  not_rbamp,         ///< the chip at this address is not an rbAmp we know
  wrong_module,      ///< an rbAmp, but not the one that is expected here
  rejected,          ///< the module refused a write or command (REG_ERROR)
  implausible,       ///< a value outside what the hardware can deliver
  ledger_busy,       ///< another process holds the database
  ledger_full,       ///< no space left on the device
  ledger_damaged,    ///< the file is not the database that we wrote
  ledger_readonly,   ///< the file or its folder cannot be written
  ledger_newer,      ///< written by a later version of rbampd
  ledger_io,         ///< reading or writing the file failed otherwise
  mqtt_refused,      ///< the broker said no (credentials, protocol)
  mqtt_unreachable,  ///< no connection to the broker
  config_invalid,    ///< a configuration problem found after start
  cancelled,         ///< the program is stopping
  request_invalid,   ///< what a person asked for makes no sense, or must not be done
  dbus_missing,      ///< there is no message bus to reach the daemon by
  daemon_missing,    ///< no rbampd on the message bus, or it went away before it answered
  daemon_refused,    ///< this user may not ask the daemon for that
  daemon_busy,       ///< the daemon does not answer in time, or has too much to do
};

[[nodiscard]] const std::error_category& error_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), error_category()}; }

struct Error {
  std::error_code code;
  Remedy remedy = Remedy::give_up;
  std::string detail;  ///< one sentence: what, where, what to do; never a secret

  Error() = default;
  Error(Errc errc, Remedy what_next, std::string words)
      : code(make_error_code(errc)), remedy(what_next), detail(std::move(words)) {}

  [[nodiscard]] bool is(Errc errc) const noexcept { return code == make_error_code(errc); }
};

[[nodiscard]] std::string_view to_string(Remedy remedy) noexcept;
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

}  // namespace rbamp

template <>
struct std::is_error_code_enum<rbamp::Errc> : std::true_type {};
