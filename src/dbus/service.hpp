// org.rbampd1 on the system bus: what is metered, for everyone to read, and commands. The contract is org.rbampd1.*.xml; docs/dbus.md.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "dbus/control.hpp"
#include "log/logger.hpp"
#include "loop/loop.hpp"
#include "metering/output.hpp"

namespace rbamp::dbus {

/// An output like MQTT: told what is metered, it shows that as objects and properties; commands go to the Control port.
///
/// Loop thread. Nothing blocks, whatever the bus does: connections are opened on a thread of their own, and a bus that does not take what is
/// sent gets no more of it. The bus may be missing, go and come back at any time: objects are kept here and shown again. One warning when
/// the name org.rbampd1 cannot be had or is lost (no bus, no permission, another rbampd has it), one line when it is there again;
/// attempts after 1, 2, 4 .. 60 s.
class Service final : public metering::Output {
 public:
  struct Settings {
    std::string version;
    std::string address;  ///< of a bus, for tests; empty: the system bus, or what DBUS_SYSTEM_BUS_ADDRESS says
    Microseconds live_interval = std::chrono::seconds{5};  ///< live values are signalled at most this often
  };

  /// The references must outlive the service; `control` is called only after start().
  Service(loop::Loop& loop, Control& control, log::Logger& log, Settings settings);
  ~Service() override;

  /// Connects in the background.
  void start();
  /// Signals State and Problem of the Manager when Control::status() says other ones than before. They may change by time alone.
  void look_at_health();
  /// The name is ours now.
  [[nodiscard]] bool is_on_the_bus() const;

  void describe(const metering::ModuleDescription& module) override;
  void set_reachable(const std::string& module_id, bool reachable) override;
  void live(const metering::Reading& reading) override;
  void committed(const metering::CommittedModule& module) override;
  void daemon_state(const metering::DaemonState& state) override;
  void removed(const std::string& module_id) override;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace rbamp::dbus
