#include "dbus/error_name.hpp"
#include "dbus/object_path.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

TEST_CASE("module ids become object paths as systemd escapes them") {
  CHECK(module_path("mains") == "/org/rbampd1/module/mains");
  CHECK(module_path("pv-roof") == "/org/rbampd1/module/pv_2droof");
  CHECK(module_path("heat_pump") == "/org/rbampd1/module/heat_pump");
  CHECK(module_path("2nd") == "/org/rbampd1/module/2nd");
  CHECK(module_path("m2") == "/org/rbampd1/module/m2");
  CHECK(module_path("") == "/org/rbampd1/module/_");
  CHECK(module_path("a_2d") == "/org/rbampd1/module/a_5f2d");  // not the path of "a-"
}

TEST_CASE("every error has a name on the bus and comes back as itself") {
  for (auto code = static_cast<int>(Errc::bus_nack); code <= static_cast<int>(Errc::daemon_busy); ++code) {
    const Error error{static_cast<Errc>(code), Remedy::verify, "words"};
    const auto name = error_name(error);
    CHECK(errc_from(name) == static_cast<Errc>(code));
    const auto back = explained(name, "what to do");
    CHECK(back.is(static_cast<Errc>(code)));
    CHECK(back.detail == "what to do");
  }
  CHECK(error_name(Error{Errc::ledger_busy, Remedy::wait, ""}) == "org.rbampd1.Error.LedgerBusy");
  CHECK(explained("org.rbampd1.Error.BusNack", "").remedy == Remedy::retry);
  CHECK(explained("org.rbampd1.Error.BusMissing", "").remedy == Remedy::reinitialise);
  CHECK(explained("org.rbampd1.Error.LedgerFull", "").remedy == Remedy::wait);
}

TEST_CASE("an error that is not ours has a name too, and names that are not ours are no codes") {
  Error foreign;
  foreign.code = std::make_error_code(std::errc::io_error);
  CHECK(error_name(foreign) == "org.rbampd1.Error.Failed");
  CHECK_FALSE(errc_from("org.rbampd1.Error.Failed"));
  CHECK_FALSE(errc_from("org.rbampd1.Error."));
  CHECK_FALSE(errc_from("org.freedesktop.DBus.Error.NoReply"));
  CHECK_FALSE(errc_from(""));
}

TEST_CASE("errors of the bus say what to do about them") {
  const auto explain = [](const std::string& name) {
    return explained("org.freedesktop.DBus.Error." + name, "words of the bus");
  };
  CHECK(explain("ServiceUnknown").is(Errc::daemon_missing));
  CHECK(explain("ServiceUnknown").detail.find("systemctl status rbampd") != std::string::npos);
  CHECK(explain("AccessDenied").is(Errc::daemon_refused));
  CHECK(explain("AccessDenied").detail.find("group rbampd") != std::string::npos);
  CHECK(explain("Timeout").is(Errc::daemon_busy));
  CHECK(explain("Timeout").remedy == Remedy::verify);
  CHECK(explain("NoReply").is(Errc::daemon_missing));
  CHECK(explain("NoReply").remedy == Remedy::verify);
  CHECK(explain("UnknownMethod").detail.find("another version") != std::string::npos);
  CHECK(explain("LimitsExceeded").detail.find("words of the bus") != std::string::npos);
}

}  // namespace
}  // namespace rbamp::dbus
