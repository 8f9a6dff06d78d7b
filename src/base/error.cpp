#include "base/error.hpp"

namespace rbamp {
namespace {

class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "rbamp"; }
  [[nodiscard]] std::string message(int value) const override { return std::string{to_string(static_cast<Errc>(value))}; }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::string_view to_string(Remedy remedy) noexcept {
  switch (remedy) {
    case Remedy::retry: return "retry";
    case Remedy::wait: return "wait";
    case Remedy::verify: return "verify";
    case Remedy::reinitialise: return "reinitialise";
    case Remedy::give_up: return "give_up";
  }
  return "unknown";
}

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::bus_nack: return "bus_nack";
    case Errc::bus_timeout: return "bus_timeout";
    case Errc::bus_arbitration: return "bus_arbitration";
    case Errc::bus_io: return "bus_io";
    case Errc::bus_unsupported: return "bus_unsupported";
    case Errc::bus_permission: return "bus_permission";
    case Errc::bus_missing: return "bus_missing";
    case Errc::bus_busy: return "bus_busy";
    case Errc::torn_read: return "torn_read";
    case Errc::not_ready: return "not_ready";
    case Errc::not_rbamp: return "not_rbamp";
    case Errc::wrong_module: return "wrong_module";
    case Errc::rejected: return "rejected";
    case Errc::implausible: return "implausible";
    case Errc::ledger_busy: return "ledger_busy";
    case Errc::ledger_full: return "ledger_full";
    case Errc::ledger_damaged: return "ledger_damaged";
    case Errc::ledger_readonly: return "ledger_readonly";
    case Errc::ledger_newer: return "ledger_newer";
    case Errc::ledger_io: return "ledger_io";
    case Errc::mqtt_refused: return "mqtt_refused";
    case Errc::mqtt_unreachable: return "mqtt_unreachable";
    case Errc::config_invalid: return "config_invalid";
    case Errc::cancelled: return "cancelled";
    case Errc::request_invalid: return "request_invalid";
    case Errc::dbus_missing: return "dbus_missing";
    case Errc::daemon_missing: return "daemon_missing";
    case Errc::daemon_refused: return "daemon_refused";
    case Errc::daemon_busy: return "daemon_busy";
  }
  return "unknown";
}

}  // namespace rbamp
