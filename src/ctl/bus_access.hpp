// The bus that a command is about, opened: in a simulated house, the device itself under the lock that rbampd takes too, or lent by
// the rbampd that has it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/fleet.hpp"
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "dbus/client.hpp"
#include "fleet/bus_station.hpp"
#include "simulator/world.hpp"

namespace rbamp::ctl {

/// What a person said about the bus.
struct BusChoice {
  std::string bus;     ///< --bus: its name in the configuration
  std::string device;  ///< --device: its path; then the configuration need not name it
  std::string record;  ///< --record: a file for everything that is said on it
};

/// --bus and --device.
void add_bus_choice(Arguments command, BusChoice& choice);
/// The same and --record.
void add_bus_options(Arguments command, BusChoice& choice);

/// How a bus was reached.
enum class BusWay { device, simulator, daemon };
[[nodiscard]] std::string_view to_string(BusWay way);

/// An open bus, until it is destroyed. For one thread; its station's calls block for the transfers.
class BusAccess {
 public:
  /// The bus that was chosen, or that has `module` in the configuration, or the only one. Where rbampd has it, it is asked to lend it:
  /// the rbampd of this configuration only, and only when it has the same device under that name.
  /// Errors: request_invalid (no such bus; several to choose from); bus_busy, naming who has it and how to free it;
  /// bus_permission, naming the group; bus_missing, bus_unsupported; those of the configuration; ledger_io for --record.
  [[nodiscard]] static Result<BusAccess> open(Context& context, const BusChoice& choice, const std::string& module = {});

  [[nodiscard]] fleet::BusStation& station() { return *station_; }
  [[nodiscard]] BusWay way() const { return way_; }
  /// "main" and "/dev/i2c-1"
  [[nodiscard]] const std::string& name() const { return bus_.name; }
  [[nodiscard]] const std::string& description() const { return description_; }
  /// What the configuration has on this bus.
  [[nodiscard]] const std::vector<config::Module>& modules() const { return modules_; }
  /// The rbampd that lends the bus; nullptr when it was reached in another way.
  [[nodiscard]] dbus::Client* daemon() { return daemon_.get(); }
  /// nullptr: the configuration has nothing at that address.
  [[nodiscard]] const config::Module* configured_at(I2cAddress address) const;

 private:
  BusAccess() = default;
  [[nodiscard]] Result<void> choose(Context& context, const BusChoice& choice, const std::string& module);
  [[nodiscard]] Result<void> connect(Context& context, const BusChoice& choice);
  [[nodiscard]] bool is_simulated() const { return bus_.driver == config::BusDriver::simulator; }
  [[nodiscard]] bool lives_in_daemon(Context& context);
  [[nodiscard]] Result<std::unique_ptr<bus::I2cBus>> open_directly(Context& context);
  [[nodiscard]] Result<std::unique_ptr<bus::I2cBus>> borrow(Context& context, Error why_not_directly);

  config::Bus bus_;
  std::vector<config::Module> modules_;
  BusWay way_ = BusWay::device;
  std::string description_;
  std::unique_ptr<simulator::World> world_;  ///< this and the next outlive the station, which has a bus of one of them
  std::unique_ptr<dbus::Client> daemon_;
  std::unique_ptr<fleet::BusStation> station_;
};

}  // namespace rbamp::ctl
