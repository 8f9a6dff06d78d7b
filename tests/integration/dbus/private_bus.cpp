#include "private_bus.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace rbamp::dbus {
namespace {

constexpr const char* open_policy = "<policy context='default'><allow own='*'/><allow send_destination='*'/></policy>";

/// Without these not even the answer to Hello arrives.
constexpr const char* anyone_may_connect_and_receive =
    "<policy context='default'><allow user='*'/><allow send_type='signal'/>"
    "<allow send_requested_reply='true' send_type='method_return'/><allow send_requested_reply='true' send_type='error'/>"
    "<allow receive_type='method_call'/><allow receive_type='method_return'/><allow receive_type='error'/>"
    "<allow receive_type='signal'/><allow send_destination='org.freedesktop.DBus'/></policy>";

}  // namespace

PrivateBus::PrivateBus(std::string policies) : policies_(policies.empty() ? open_policy : std::move(policies)) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});  // other users come in too
}

void PrivateBus::start() {
  const auto config = folder_.write("bus.conf",
                                    "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN' "
                                    "'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n<busconfig><listen>" +
                                        address() + "</listen><auth>EXTERNAL</auth>" + anyone_may_connect_and_receive +
                                        policies_ + "</busconfig>\n");
  daemon_ = std::make_unique<support::ChildProcess>(
      RBAMP_DBUS_DAEMON, std::vector<std::string>{"--nofork", "--nopidfile", "--print-address", "--config-file=" + config});
  if (!daemon_->wait_for_output("unix:path=", std::chrono::seconds{10}))
    throw std::runtime_error{"the bus daemon did not start: " + daemon_->output()};
}

void PrivateBus::freeze() const { daemon_->send(SIGSTOP); }
void PrivateBus::thaw() const { daemon_->send(SIGCONT); }

}  // namespace rbamp::dbus
