// The port to everything that shows what was metered: MQTT, D-Bus, sinks. Commit comes before publish: `committed` is called
// only after the transaction is durable. All calls come on the loop thread and must return at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metering/demand.hpp"
#include "metering/event.hpp"
#include "metering/module_settings.hpp"
#include "metering/posting.hpp"
#include "metering/reading.hpp"

namespace rbamp::metering {

enum class Role : std::uint8_t { grid, solar, battery, load, other };
[[nodiscard]] std::string_view to_string(Role role) noexcept;

struct ChannelDescription {
  ChannelIndex index;
  std::string id;    ///< identity: topics, entities, ledger
  std::string name;  ///< shown
};

/// What a place is and which hardware meters it now.
struct ModuleDescription {
  std::string id;
  std::string name;
  Role role = Role::other;
  ModuleUid uid;
  std::string variant;           ///< "UI1" .. "I3"
  std::string hardware_version;  ///< HW_VARIANT as text
  std::string firmware_version;  ///< "1.3"
  bool has_voltage = false;      ///< false: no voltage, power, reactive power, power factor
  bool is_estimated = false;     ///< metered with the voltage of another module
  bool has_demand = false;       ///< demand is worked out for its channels
  std::vector<ChannelDescription> channels;
  std::vector<std::string> ct_models;  ///< that its inputs may be set to; empty: there is nothing to choose
  std::string bus;  ///< where the chip is now: shown nowhere, but finds it again when its place gets another id
  I2cAddress address;

  /// True where watt-hours are booked.
  [[nodiscard]] bool has_energy() const { return has_voltage || is_estimated; }
};

/// The registers of one channel as committed.
struct RegisterReading {
  std::string channel_id;
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  UtcTime since{};
};

/// One committed line for outputs.
struct CommittedPosting {
  std::string channel_id;
  Period span;
  Quality quality = Quality::measured;
  Reason reason = Reason::none;
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  bool export_is_estimated = false;  ///< live windows were missed, whatever `quality` says of the import
  ExportSource export_source = ExportSource::none;
};

struct CommittedModule {
  std::string module_id;
  std::vector<CommittedPosting> postings;  ///< may be empty: registers were only loaded
  std::vector<RegisterReading> registers;  ///< after these postings; all channels of the module
};

struct DaemonState {
  UtcTime started{};
  std::uint32_t modules_online = 0;
  std::uint64_t bus_errors = 0;  ///< transactions that stayed failed after all retries
  std::string problem;           ///< empty, or one sentence: what is wrong now
};

/// Demand of one channel, as often as it changes enough to be shown.
struct DemandReport {
  std::string module_id;
  std::string channel_id;
  Microseconds window{};
  DemandReading reading;
};

class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  /// A module is metered (first seen, or its description changed).
  virtual void describe(const ModuleDescription& module) = 0;
  virtual void set_reachable(const std::string& module_id, bool reachable) = 0;
  virtual void live(const Reading& reading) = 0;
  virtual void committed(const CommittedModule& module) = 0;
  virtual void daemon_state(const DaemonState& state) = 0;

  // An output that does not show these leaves them as they are.

  /// A module is no longer metered: the configuration does not name it any more.
  virtual void removed(const std::string& /*module_id*/) {}
  virtual void event(const Event& /*event*/) {}
  virtual void demand(const DemandReport& /*report*/) {}
  /// What a module is set to, when that became known, changed, or was asked to change.
  virtual void settings(const ModuleSettings& /*settings*/) {}
};

/// What an output may ask of the fleet; the answer comes as new state through Output.
class FleetControl {
 public:
  FleetControl() = default;
  FleetControl(const FleetControl&) = delete;
  FleetControl& operator=(const FleetControl&) = delete;
  virtual ~FleetControl() = default;

  /// Closes the running period of every module now, out of the schedule.
  virtual void latch_now() = 0;
  /// Latches and books, then resets the module. False: no such module, or it is not reachable.
  virtual bool restart_module(const std::string& module_id) = 0;
};

}  // namespace rbamp::metering
