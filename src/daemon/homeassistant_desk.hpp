// What the owner asks about Home Assistant over D-Bus, passed on to the publisher of the moment. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "daemon/mqtt_output.hpp"
#include "dbus/control.hpp"
#include "loop/executor.hpp"

namespace rbamp::daemon {

/// Everything goes through the daemon's one connection: a second one would need a client id, an access rule and a memory of its own, and
/// Home Assistant would hear two voices. See dbus::Control for what each does.
class HomeAssistantDesk {
 public:
  /// `mqtt` must outlive it.
  explicit HomeAssistantDesk(MqttOutput& mqtt) : mqtt_(mqtt) {}

  void forget(const std::string& module_id, const dbus::Done<void>& done);
  void find(dbus::Done<std::vector<dbus::ForeignMeter>> done);
  void adopt(const dbus::AdoptRequest& request, dbus::Done<dbus::Adopted> done);

 private:
  [[nodiscard]] Result<mqtt::Publisher*> publisher();
  [[nodiscard]] Result<dbus::Adopted> adopted(const dbus::AdoptRequest& request, const std::vector<mqtt::ForeignEntity>& foreign);

  MqttOutput& mqtt_;
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
