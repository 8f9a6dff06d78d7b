#include "dbus/error_name.hpp"

#include <algorithm>
#include <array>

namespace rbamp::dbus {
namespace {

constexpr std::string_view prefix = "org.rbampd1.Error.";
constexpr std::string_view foreign_error = "org.rbampd1.Error.Failed";

/// "LedgerBusy" for "ledger_busy".
std::string in_camel_case(std::string_view word) {
  std::string result;
  bool is_start = true;
  for (const char c : word) {
    if (c == '_') {
      is_start = true;
      continue;
    }
    result += is_start ? static_cast<char>(c - 'a' + 'A') : c;
    is_start = false;
  }
  return result;
}

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string error_name(const Error& error) {
  if (error.code.category() != error_category()) return std::string{foreign_error};
  return std::string{prefix} + in_camel_case(to_string(static_cast<Errc>(error.code.value())));
}

std::optional<Errc> errc_from(std::string_view error_name) noexcept {
  if (error_name.substr(0, prefix.size()) != prefix) return std::nullopt;
  const auto word = error_name.substr(prefix.size());
  for (auto code = static_cast<int>(Errc::bus_nack); code <= static_cast<int>(Errc::daemon_busy); ++code) {
    if (in_camel_case(to_string(static_cast<Errc>(code))) == word) return static_cast<Errc>(code);
  }
  return std::nullopt;
}

Remedy usual_remedy(Errc code) noexcept {
  switch (code) {
    case Errc::bus_nack:
    case Errc::bus_arbitration:
    case Errc::bus_timeout:
    case Errc::bus_io:
    case Errc::torn_read: return Remedy::retry;
    case Errc::bus_busy:
    case Errc::not_ready:
    case Errc::ledger_busy:
    case Errc::ledger_full:
    case Errc::ledger_io:
    case Errc::mqtt_unreachable:
    case Errc::daemon_busy: return Remedy::wait;
    case Errc::bus_missing: return Remedy::reinitialise;
    case Errc::bus_unsupported:
    case Errc::bus_permission:
    case Errc::not_rbamp:
    case Errc::wrong_module:
    case Errc::rejected:
    case Errc::implausible:
    case Errc::ledger_damaged:
    case Errc::ledger_readonly:
    case Errc::ledger_newer:
    case Errc::mqtt_refused:
    case Errc::config_invalid:
    case Errc::cancelled:
    case Errc::request_invalid:
    case Errc::dbus_missing:
    case Errc::daemon_missing:
    case Errc::daemon_refused: return Remedy::give_up;
  }
  return Remedy::give_up;
}

Error explained(std::string_view error_name, std::string_view words) {
  if (const auto code = errc_from(error_name)) return {*code, usual_remedy(*code), std::string{words}};
  static constexpr std::array<std::string_view, 3> nobody{"org.freedesktop.DBus.Error.ServiceUnknown",
                                                          "org.freedesktop.DBus.Error.NameHasNoOwner",
                                                          "org.freedesktop.DBus.Error.Spawn.ServiceNotFound"};
  static constexpr std::array<std::string_view, 3> refused{"org.freedesktop.DBus.Error.AccessDenied",
                                                           "org.freedesktop.DBus.Error.AuthFailed",
                                                           "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"};
  static constexpr std::array<std::string_view, 2> silent{"org.freedesktop.DBus.Error.Timeout",
                                                          "org.freedesktop.DBus.Error.TimedOut"};
  static constexpr std::array<std::string_view, 4> older{
      "org.freedesktop.DBus.Error.UnknownMethod", "org.freedesktop.DBus.Error.UnknownInterface",
      "org.freedesktop.DBus.Error.UnknownProperty", "org.freedesktop.DBus.Error.UnknownObject"};
  if (is_one_of(error_name, nobody)) {
    return {Errc::daemon_missing, Remedy::give_up, "rbampd is not running (or not on this message bus): systemctl status rbampd"};
  }
  if (is_one_of(error_name, refused)) {
    return {
        Errc::daemon_refused, Remedy::give_up,
        "you may not ask rbampd for that; root and members of the group rbampd may: sudo adduser \"$USER\" rbampd, then log in "
        "again"};
  }
  if (is_one_of(error_name, silent))
    return {Errc::daemon_busy, Remedy::verify, "rbampd did not answer in time; look whether it was done before asking again"};
  if (error_name == "org.freedesktop.DBus.Error.NoReply") {  // the bus daemon says this when the other side is gone
    return {Errc::daemon_missing, Remedy::verify,
            "rbampd went away, or did not answer in time; look whether it was done before asking again"};
  }
  if (is_one_of(error_name, older)) {
    return {Errc::daemon_refused, Remedy::give_up,
            "the running rbampd is of another version and does not know this (" + std::string{words} +
                "); restart it: systemctl restart rbampd"};
  }
  return {Errc::daemon_missing, Remedy::verify,
          "talking to rbampd failed: " + std::string{words} + " (" + std::string{error_name} + ")"};
}

}  // namespace rbamp::dbus
