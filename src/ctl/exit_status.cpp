#include "ctl/exit_status.hpp"

namespace rbamp::ctl {

int status_of(const Error& error) noexcept {
  if (error.code.category() != error_category()) return exit_status::software;
  switch (static_cast<Errc>(error.code.value())) {
    case Errc::bus_permission:
    case Errc::daemon_refused:
    case Errc::ledger_readonly: return exit_status::permission;
    case Errc::ledger_full:
    case Errc::ledger_damaged:
    case Errc::ledger_newer:
    case Errc::ledger_io: return exit_status::ledger;
    case Errc::request_invalid: return exit_status::usage;
    case Errc::config_invalid: return exit_status::configuration;
    case Errc::ledger_busy:
    case Errc::bus_nack:
    case Errc::bus_timeout:
    case Errc::bus_arbitration:
    case Errc::bus_io:
    case Errc::bus_unsupported:
    case Errc::bus_missing:
    case Errc::bus_busy:
    case Errc::torn_read:
    case Errc::not_ready:
    case Errc::not_rbamp:
    case Errc::wrong_module:
    case Errc::rejected:
    case Errc::implausible:
    case Errc::mqtt_refused:
    case Errc::mqtt_unreachable:
    case Errc::dbus_missing:
    case Errc::daemon_missing:
    case Errc::daemon_busy:
    case Errc::cancelled: return exit_status::unavailable;
  }
  return exit_status::software;
}

}  // namespace rbamp::ctl
