// The composition root: builds all parts in lifetime order, joins them, and lives as systemd's service. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/local_time.hpp"
#include "config/config.hpp"
#include "daemon/bookkeeper.hpp"
#include "daemon/control_desk.hpp"
#include "daemon/demand_desk.hpp"
#include "daemon/event_desk.hpp"
#include "daemon/ledger_file.hpp"
#include "daemon/live_file.hpp"
#include "daemon/module_settings.hpp"
#include "daemon/mqtt_output.hpp"
#include "daemon/notifier.hpp"
#include "daemon/output_group.hpp"
#include "daemon/remembered_texts.hpp"
#include "daemon/start_record.hpp"
#include "dbus/host_events.hpp"
#include "dbus/service.hpp"
#include "fleet/fleet.hpp"
#include "log/logger.hpp"
#include "loop/loop.hpp"
#include "loop/worker_thread.hpp"
#include "simulator/world.hpp"

namespace rbamp::daemon {

class Daemon {
 public:
  /// `read_config`: reads the configuration anew, for a reload.
  Daemon(config::Config config, std::function<config::Loaded()> read_config, TimeZone zone, std::unique_ptr<LedgerFile> ledger,
         std::unique_ptr<simulator::World> world, StartRecord record, loop::Loop& loop, log::Logger& log);
  ~Daemon();

  /// Until SIGTERM, SIGINT, or a first start without any bus; returns the exit status.
  int run();

 private:
  void build_fleet();
  void build_dbus();
  void close_period(std::function<void()> done);
  void announce(metering::Output& output) const;
  void start();
  void begin();
  void changed();
  void tell();
  void tell_ready();
  void clock_was_set();
  /// What systemd-timedated says, where the kernel does not.
  void clock_is(const Result<bool>& said);
  void clock_changed();
  void look_at_clock();
  void correct_labels();
  void correct_start();
  void refresh_status();
  /// reload(), and what systemd is told about it.
  Result<std::string> reload_wanted();
  /// Reads the configuration and applies what can be applied without losing or splitting a running period. The text says what was
  /// done. Errors: config_invalid; everything stays as it was.
  [[nodiscard]] Result<std::string> reload();
  [[nodiscard]] std::string apply(config::Config wanted);
  void feed_watchdog();
  void stop();
  void end(int status);
  void stop_outputs();
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::string problem() const;

  config::Config config_;
  std::function<config::Loaded()> read_config_;
  std::string config_problem_;  ///< of the last reload
  TimeZone zone_;
  StartRecord record_;
  loop::Loop& loop_;
  log::Logger& log_;
  Notifier notifier_;
  BootTime started_at_{};
  UtcTime started_{};

  // Used by jobs of the workers: leaked together with the process when a worker is wedged.
  std::unique_ptr<LedgerFile> ledger_;
  std::unique_ptr<simulator::World> world_;
  std::vector<std::unique_ptr<fleet::BusStation>> stations_;
  loop::WorkerThread storage_worker_{"rbampd-ledger"};
  std::vector<std::unique_ptr<loop::WorkerThread>> bus_workers_;

  OutputGroup outputs_;
  std::unique_ptr<Bookkeeper> bookkeeper_;
  std::unique_ptr<LiveFile> live_file_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<RememberedTexts> texts_;
  std::unique_ptr<EventDesk> events_;
  std::unique_ptr<DemandDesk> demand_;
  std::unique_ptr<ModuleSettings> settings_;
  std::unique_ptr<MqttOutput> mqtt_;
  std::unique_ptr<ControlDesk> control_;
  std::unique_ptr<dbus::Service> dbus_;
  std::unique_ptr<dbus::HostEvents> host_;

  bool has_begun_ = false;
  bool is_stopping_ = false;
  bool was_synchronised_ = false;
  bool is_clock_set_ = false;  ///< and what that means is being asked
  bool is_clock_doubt_told_ = false;
  bool is_tell_wanted_ = false;
  metering::DaemonState told_;
  bool has_told_ = false;
  std::vector<loop::Watch> watches_;
  loop::Timer begin_timer_;
  loop::Timer watchdog_timer_;
  loop::Timer stop_timer_;
  loop::Timer settled_timer_;
  BootTime refreshed_{};
};

}  // namespace rbamp::daemon
