#include "daemon/daemon.hpp"

#include <unistd.h>

#include <csignal>

#include "bus/linux_i2c_bus.hpp"
#include "daemon/fleet_plan.hpp"
#include "daemon/options.hpp"
#include "daemon/version.hpp"
#include "gpio/open_drdy.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"
#include "simulator/house.hpp"

namespace rbamp::daemon {

namespace message_id = log::message_id;
using std::chrono::milliseconds;

namespace {

// SIGTERM to the end within 2 s: latch, settle, read, commit, then the outputs' farewell, then the workers.
constexpr Microseconds last_round_limit = milliseconds{1200};
constexpr Microseconds worker_limit = milliseconds{200};
// Metering does not wait longer for somebody to say whether the clock can be trusted.
constexpr Microseconds clock_answer_limit = milliseconds{300};
// The sizes of the ledger's files; also when a clock that is slewed is looked at.
constexpr Microseconds status_interval = std::chrono::minutes{1};

fleet::DrdyWatch::Open opener(const config::DrdyLine& line) {
  return [request = gpio::DrdyRequest{line.chip, line.offset, line.line_name}] { return gpio::open_drdy(request); };
}

std::vector<fleet::DrdyLines::Line> drdy_lines(const config::Config& config, const config::Bus& bus) {
  std::vector<fleet::DrdyLines::Line> lines;
  if (bus.drdy) lines.push_back({std::nullopt, "Bus \"" + bus.name + "\"", opener(*bus.drdy)});
  for (const auto& module : config.modules) {
    if (module.bus == bus.name && module.drdy)
      lines.push_back({module.address, "Module \"" + module.id + "\"", opener(*module.drdy)});
  }
  return lines;
}

}  // namespace

Daemon::Daemon(config::Config config, std::function<config::Loaded()> read_config, TimeZone zone,
               std::unique_ptr<LedgerFile> ledger, std::unique_ptr<simulator::World> world, StartRecord record, loop::Loop& loop,
               log::Logger& log)
    : config_(std::move(config)),
      read_config_(std::move(read_config)),
      zone_(std::move(zone)),
      record_(std::move(record)),
      loop_(loop),
      log_(log),
      started_at_(loop.clock().boot_now()),
      started_(loop.clock().utc_now()),
      ledger_(std::move(ledger)),
      world_(std::move(world)) {
  log_.set_threshold(log_level(config_.daemon));
  const auto unusable = [this] {
    notifier_.stopping("The ledger must be opened anew");
    end(exit_status::restart);
  };
  bookkeeper_ = std::make_unique<Bookkeeper>(*ledger_, storage_worker_, loop_, outputs_, log_, unusable, [this] { changed(); });
  build_fleet();
  texts_ = std::make_unique<RememberedTexts>(*ledger_, storage_worker_);
  events_ = std::make_unique<EventDesk>(
      EventDesk::Environment{[&ledger = *ledger_](const storage::LedgerEvent& event) { ledger.record(event); }, storage_worker_,
                             loop_, outputs_, log_, BootId::of_host()},
      config_.events);
  outputs_.add(*events_);
  demand_ = std::make_unique<DemandDesk>(DemandDesk::Environment{*ledger_, storage_worker_, loop_, outputs_, zone_, log_},
                                         config_.demand);
  outputs_.add(*demand_);
  settings_ = std::make_unique<ModuleSettings>(ModuleSettings::Environment{*fleet_, loop_, outputs_, *texts_, log_});
  outputs_.add(*settings_);
  mqtt_ = std::make_unique<MqttOutput>(MqttOutput::Environment{loop_, *fleet_, *settings_, *texts_, outputs_, log_},
                                       [this](metering::Output& output) { announce(output); });
  mqtt_->build(config_);
  build_dbus();
}

Daemon::~Daemon() = default;

void Daemon::build_fleet() {
  live_file_ = std::make_unique<LiveFile>(StartRecord::folder_of_service(), BootId::of_host(), log_);
  fleet_ = std::make_unique<fleet::Fleet>(fleet::Fleet::Settings{config_.daemon.period, zone_, BootId::of_host()},
                                          fleet::Fleet::Environment{loop_, *bookkeeper_, outputs_, log_, live_file_.get()},
                                          [this] { changed(); });
  for (const auto& bus : config_.buses) {
    fleet::BusFactory factory;
    if (bus.driver == config::BusDriver::simulator) {
      factory = simulator::open_in(*world_, bus.name);
    } else {
      factory = [device = bus.device, &clock = loop_.clock()]() -> Result<std::unique_ptr<bus::I2cBus>> {
        auto opened = bus::LinuxI2cBus::open(device, clock);
        if (!opened) return failure(std::move(opened.error()));
        return std::unique_ptr<bus::I2cBus>{std::move(*opened)};
      };
    }
    stations_.push_back(std::make_unique<fleet::BusStation>(bus.name, std::move(factory), loop_.clock()));
    bus_workers_.push_back(std::make_unique<loop::WorkerThread>("bus-" + bus.name.substr(0, 11)));
    auto settings = bus_settings(config_, bus);
    settings.drdy_lines = drdy_lines(config_, bus);
    fleet_->add_bus(std::move(settings), *stations_.back(), *bus_workers_.back());
  }
}

void Daemon::build_dbus() {
  control_ = std::make_unique<ControlDesk>(
      ControlDesk::Environment{config_, *fleet_, *bookkeeper_, *mqtt_, *settings_, *ledger_, storage_worker_, loop_, log_,
                               started_, [this] { return reload_wanted(); }, [this] { return problem(); }});
  dbus_ = std::make_unique<dbus::Service>(loop_, *control_, log_, dbus::Service::Settings{std::string{version}, {}});
  outputs_.add(*dbus_);
  dbus::HostEvents::Callbacks host;
  host.before_sleep = [this](std::function<void()> done) { close_period(std::move(done)); };
  host.before_shutdown = [this](std::function<void()> done) { close_period(std::move(done)); };
  host.look_at_clock = [this] { look_at_clock(); };
  if (loop_.clock().must_be_told()) host.clock_is = [this](const Result<bool>& said) { clock_is(said); };
  host_ = std::make_unique<dbus::HostEvents>(loop_, log_, std::move(host));
}

/// The host is about to lose its power, or to sleep: what runs is booked before.
void Daemon::close_period(std::function<void()> done) {
  if (is_stopping_ || !has_begun_) {
    done();
    return;
  }
  fleet_->latch_now([done = std::move(done)](const Result<void>&) { done(); });
}

void Daemon::announce(metering::Output& output) const {
  fleet_->announce(output);
  bookkeeper_->announce(output);
  settings_->announce(output);
  if (has_told_) output.daemon_state(told_);
}

// --- life ------------------------------------------------------------------------------------------------------------------

int Daemon::run() {
  watches_.push_back(loop_.watch_clock_change([this] { clock_was_set(); }));
  loop_.post([this] { start(); });
  const int status = loop_.run();

  if (const auto loss = bookkeeper_->loss(); !loss.empty()) log_.error(loss, {}, message_id::ledger_fault);
  host_.reset();
  outputs_.remove(*dbus_);
  dbus_.reset();
  mqtt_->destroy();
  control_.reset();
  outputs_.remove(*settings_);
  settings_.reset();
  fleet_.reset();
  bool all_ended = storage_worker_.stop(worker_limit);
  for (const auto& worker : bus_workers_) all_ended = worker->stop(worker_limit) && all_ended;
  log_.info("Stopped", {}, message_id::stopped);
  // A job that hangs in the kernel cannot be waited for; what it uses must not be destroyed under it.
  if (!all_ended) ::_exit(status);
  return status;
}

void Daemon::start() {
  host_->start();
  if (!loop_.clock().must_be_told()) return begin();
  // Energy across a reboot of the host is measured by UTC when that was trustworthy at both ends: the first modules are found in a few
  // milliseconds, so what is known of the clock must be there before.
  begin_timer_ = loop_.call_after(clock_answer_limit, [this] { begin(); });
}

void Daemon::begin() {
  if (std::exchange(has_begun_, true)) return;
  begin_timer_.cancel();
  was_synchronised_ = loop_.clock().utc_is_synchronised();
  correct_start();
  correct_labels();  // an earlier process of this boot may have ended before the clock was synchronised
  watches_.push_back(loop_.watch_signal(SIGTERM, [this] { stop(); }));
  watches_.push_back(loop_.watch_signal(SIGINT, [this] { stop(); }));
  watches_.push_back(loop_.watch_signal(SIGHUP, [this] { (void)reload_wanted(); }));
  mqtt_->start();
  dbus_->start();
  fleet_->start();
  changed();
}

void Daemon::tell_ready() {
  notifier_.ready(status());
  log_.info("Ready: " + status(), {}, message_id::started);
  record_.clear();
  settled_timer_ = loop_.call_after(StartRecord::settling, [this] { record_.settled(); });
  // systemd watches from here on.
  if (const auto interval = Notifier::watchdog_interval()) {
    watchdog_timer_ = loop_.call_after(*interval, [this] { feed_watchdog(); });
  }
}

void Daemon::feed_watchdog() {
  // Fed by work: rounds begin as planned. A wedged bus or card is a known reason that a restart would not mend, and does not count.
  if (fleet_->is_on_schedule()) notifier_.feed_watchdog();
  watchdog_timer_ = loop_.call_after(*Notifier::watchdog_interval(), [this] { feed_watchdog(); });
}

/// With the rounds, so that nothing wakes up for it alone.
void Daemon::refresh_status() {
  const auto now = loop_.clock().boot_now();
  if (refreshed_ != BootTime{} && now - refreshed_ < status_interval) return;
  refreshed_ = now;
  control_->refresh();
  look_at_clock();
}

/// A hint that the clock may be synchronised by now; without a step the kernel does not say so.
void Daemon::look_at_clock() {
  if (has_begun_ && loop_.clock().utc_is_synchronised() != was_synchronised_) clock_changed();
}

void Daemon::clock_was_set() {
  if (!loop_.clock().must_be_told()) return clock_changed();
  loop_.clock().tell_synchronised(false);  // anyone may have set it, to anything
  if (has_begun_) fleet_->reschedule();
  is_clock_set_ = true;
  host_->ask_about_clock();
}

void Daemon::clock_is(const Result<bool>& said) {
  if (said) {
    loop_.clock().tell_synchronised(*said);
  } else if (!std::exchange(is_clock_doubt_told_, true)) {
    log_.warning("Whether the host's clock is synchronised cannot be learnt from systemd-timedated (" + said.error().detail +
                     "): until it can, times of periods count as provisional; energies are not affected",
                 {}, message_id::clock_changed);
  }
  if (!has_begun_) return begin();
  if (std::exchange(is_clock_set_, false)) return clock_changed();
  look_at_clock();
}

void Daemon::correct_labels() {
  if (!loop_.clock().utc_is_synchronised()) return;
  const auto now = loop_.clock().boot_now();
  storage_worker_.run(
      [&ledger = *ledger_, &log = log_, now, offset = loop_.clock().utc_now().time_since_epoch() - now.time_since_epoch()] {
        if (auto done = ledger.relabel(BootId::of_host(), offset, now); !done)
          log.warning("The labels of this boot cannot be corrected now, but will be after the next period that can be stored: " +
                          done.error().detail,
                      {}, message_id::ledger_upkeep);
      });
}

/// A host without a battery clock starts the program long ago.
void Daemon::correct_start() { started_ = loop_.clock().utc_now() - (loop_.clock().boot_now() - started_at_); }

void Daemon::clock_changed() {
  if (!has_begun_) return;
  fleet_->reschedule();
  correct_start();
  correct_labels();
  changed();
  const bool synchronised = loop_.clock().utc_is_synchronised();
  if (synchronised != was_synchronised_) {
    log_.info(synchronised ? "The host's clock is synchronised" : "The host's clock was set and is not synchronised", {},
              message_id::clock_changed);
    was_synchronised_ = synchronised;
  } else {
    log_.info("The host's clock was set; periods end on local time again, energies are not affected", {},
              message_id::clock_changed);
  }
}

void Daemon::stop() {
  if (is_stopping_) return;
  is_stopping_ = true;
  record_.clear();
  record_.settled();
  control_->wind_down();
  notifier_.stopping("Closing the last period");
  log_.info("Stopping: closing the last period");
  stop_timer_ = loop_.call_after(last_round_limit, [this] {
    log_.warning("The last period could not be closed in time; the modules keep it and the next start recovers it", {},
                 message_id::last_period_open);
    stop_outputs();
  });
  fleet_->finish([this] { stop_outputs(); });
}

/// Without another latch: the modules keep the running period. Nobody may be left with values that look alive, though.
void Daemon::end(int status) {
  is_stopping_ = true;
  stop_timer_.cancel();
  mqtt_->stop([this, status] { loop_.quit(status); });
}

void Daemon::stop_outputs() {
  stop_timer_.cancel();
  mqtt_->stop([this] { loop_.quit(exit_status::ok); });
}

// --- what is told ----------------------------------------------------------------------------------------------------------

void Daemon::changed() {
  if (is_tell_wanted_ || is_stopping_) return;
  is_tell_wanted_ = true;
  loop_.post([this] { tell(); });
}

std::string Daemon::problem() const {
  auto text = fleet_->problem();
  if (!bookkeeper_->problem().empty()) text += (text.empty() ? "" : "; ") + ("ledger: " + bookkeeper_->problem());
  if (!config_problem_.empty()) text += (text.empty() ? "" : "; ") + config_problem_;
  return text;
}

std::string Daemon::status() const {
  const auto online = fleet_->modules_online();
  const auto known = fleet_->modules_known();
  std::string text = fleet_->has_open_bus() ? "Looking for modules" : "Waiting for a bus";
  if (online > 0) {
    text = std::to_string(online) + (known > online ? " of " + std::to_string(known) : "") +
           (known == 1 ? " module" : " modules") + (online == 1 ? " is" : " are") + " metered";
  }
  if (const auto wrong = problem(); !wrong.empty()) text += "; " + wrong;
  return text;
}

void Daemon::tell() {
  is_tell_wanted_ = false;
  if (is_stopping_) return;
  refresh_status();
  const metering::DaemonState state{started_, fleet_->modules_online(), fleet_->bus_errors(), problem()};
  if (!has_told_ || state.started != told_.started || state.modules_online != told_.modules_online ||
      state.bus_errors != told_.bus_errors || state.problem != told_.problem) {
    outputs_.daemon_state(state);
    told_ = state;
    has_told_ = true;
  }
  dbus_->look_at_health();
  if (notifier_.is_ready()) {
    notifier_.status(status());
  } else if (fleet_->has_answer() || fleet_->is_searching()) {
    tell_ready();
  } else if (record_.is_retry()) {
    // Each attempt to open a bus comes by here, so that systemd waits on as long as there are attempts.
    notifier_.waiting(status());
  } else if (fleet_->no_bus_opens()) {
    log_.error("No bus can be opened, giving up: " + fleet_->first_open_error(), {}, message_id::no_bus);
    record_.gave_up();
    end(exit_status::no_bus);
  }
}

}  // namespace rbamp::daemon
