// The composition root: builds all parts in lifetime order, joins them, and lives as systemd's service. Loop thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/local_time.hpp"
#include "config/config.hpp"
#include "daemon/bookkeeper.hpp"
#include "daemon/ledger_file.hpp"
#include "daemon/notifier.hpp"
#include "daemon/output_group.hpp"
#include "daemon/remembered_texts.hpp"
#include "fleet/fleet.hpp"
#include "log/logger.hpp"
#include "loop/loop.hpp"
#include "loop/worker_thread.hpp"
#include "mqtt/connection.hpp"
#include "mqtt/publisher.hpp"
#include "simulator/world.hpp"

namespace rbamp::daemon {

class Daemon {
 public:
  Daemon(config::Config config, TimeZone zone, std::unique_ptr<LedgerFile> ledger, std::unique_ptr<simulator::World> world,
         loop::Loop& loop, log::Logger& log);
  ~Daemon();

  /// Until SIGTERM, SIGINT, or a start without any bus; returns the exit status.
  int run();

 private:
  void build_outputs();
  void build_fleet();
  void start();
  void changed();
  void tell();
  void clock_changed();
  void feed_watchdog();
  void stop();
  void stop_outputs();
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::string problem() const;

  config::Config config_;
  TimeZone zone_;
  loop::Loop& loop_;
  log::Logger& log_;
  Notifier notifier_;
  UtcTime started_{};

  // Used by jobs of the workers: leaked together with the process when a worker is wedged.
  std::unique_ptr<LedgerFile> ledger_;
  std::unique_ptr<simulator::World> world_;
  std::vector<std::unique_ptr<fleet::BusStation>> stations_;
  loop::WorkerThread storage_worker_{"rbampd-ledger"};
  std::vector<std::unique_ptr<loop::WorkerThread>> bus_workers_;

  OutputGroup outputs_;
  std::unique_ptr<Bookkeeper> bookkeeper_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<RememberedTexts> texts_;
  std::unique_ptr<mqtt::Connection> connection_;
  std::unique_ptr<mqtt::Publisher> publisher_;

  bool is_stopping_ = false;
  bool was_synchronised_ = false;
  bool is_tell_wanted_ = false;
  std::string told_problem_;
  metering::DaemonState told_;
  bool has_told_ = false;
  std::vector<loop::Watch> watches_;
  loop::Timer watchdog_timer_;
  loop::Timer stop_timer_;
  loop::Timer tell_timer_;
};

}  // namespace rbamp::daemon
