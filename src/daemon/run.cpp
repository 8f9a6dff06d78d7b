#include <chrono>
#include <csignal>
#include <iostream>
#include <vector>

#include "base/local_time.hpp"
#include "config/config.hpp"
#include "daemon/daemon.hpp"
#include "daemon/ledger_opener.hpp"
#include "daemon/notifier.hpp"
#include "daemon/options.hpp"
#include "daemon/start_record.hpp"
#include "daemon/version.hpp"
#include "log/default_sink.hpp"
#include "log/message_ids.hpp"
#include "simulator/house.hpp"

namespace rbamp::daemon {

namespace message_id = log::message_id;

namespace {

/// Every problem of the configuration on stderr, for people and for `systemctl status`.
bool complain(const config::Loaded& loaded) {
  for (const auto& problem : loaded.problems) std::cerr << to_string(problem) << '\n';
  if (loaded.problems.empty()) return false;
  std::cerr << "rbampd: the configuration has " << loaded.problems.size()
            << (loaded.problems.size() == 1 ? " problem" : " problems") << '\n';
  return true;
}

bool needs_house(const config::Config& config) {
  for (const auto& bus : config.buses) {
    if (bus.driver == config::BusDriver::simulator) return true;
  }
  return false;
}

int status_without_ledger(const Error& why) {
  if (why.is(Errc::cancelled)) return exit_status::ok;
  return passes_by_itself(why) ? exit_status::restart : exit_status::ledger_unusable;
}

/// After starts that ended one after the other. False: told to stop meanwhile.
bool wait_after_crashes(const StartRecord& record, loop::Loop& loop, log::Logger& log) {
  const auto pause = record.begin();
  if (pause == Microseconds::zero()) return true;
  const std::string words = "the last " + std::to_string(record.starts() - 1) + " starts ended soon; waiting " +
                            std::to_string(pause / std::chrono::seconds{1}) + " s before the next";
  log.warning("Not metering yet: " + words +
                  ". The modules keep their averages. The records before each start say why it ended; please report it.",
              {}, message_id::starts_failing);
  Notifier notifier;
  notifier.waiting("Waiting: " + words);
  bool is_stopped = false;
  const auto stop = [&] {
    is_stopped = true;
    loop.quit();
  };
  const auto sigterm = loop.watch_signal(SIGTERM, stop);
  const auto sigint = loop.watch_signal(SIGINT, stop);
  // Renewed each minute: systemd's patience is three.
  std::vector<loop::Timer> timers;
  timers.push_back(loop.call_after(pause, [&loop] { loop.quit(); }));
  const Microseconds minute = std::chrono::minutes{1};
  for (auto at = minute; at < pause; at += minute)
    timers.push_back(loop.call_after(at, [&] { notifier.waiting("Waiting: " + words); }));
  loop.run();
  if (is_stopped) {
    record.settled();
    notifier.stopping("Stopped while waiting");
  }
  return !is_stopped;
}

}  // namespace

std::string default_config_text() { return std::string{config::default_text()}; }

int run(const Options& options) {
  const bool is_default = options.config_file.empty();
  const std::string file{is_default ? std::string{config::default_file} : options.config_file};
  auto loaded = config::load(file, is_default ? config::WhenMissing::defaults : config::WhenMissing::problem);
  if (complain(loaded)) return exit_status::configuration;
  if (options.check_config) {
    std::cout << file << (loaded.files.empty() ? ": does not exist, the defaults hold\n" : ": ok\n");
    return exit_status::ok;
  }
  auto zone = TimeZone::find(loaded.config.daemon.timezone);
  if (!zone) {
    std::cerr << "rbampd: " << zone.error().detail << '\n';
    return exit_status::configuration;
  }

  loop::Loop loop;  // blocks the signals before any thread exists
  const auto sink = log::make_sink();
  log::Logger log{*sink, log::Level::info};
  log.hold_back_floods(loop.clock());
  log.info("rbampd " + std::string{version} + " starts" +
           (loaded.files.empty() ? ", without a configuration file: the defaults hold" : " with " + file));

  std::unique_ptr<simulator::World> world;
  if (needs_house(loaded.config)) {
    auto built = simulator::build_house(loaded.config.simulator, loop.clock());
    if (!built) {
      log.error("The simulated house cannot be built: " + built.error().detail, {}, message_id::config_refused);
      return exit_status::configuration;
    }
    world = std::move(*built);
    log.warning("A simulated house is metered: these watt-hours are not real", {}, message_id::simulated);
  }

  const auto record = StartRecord::of_service();
  if (!wait_after_crashes(record, loop, log)) return exit_status::ok;
  const storage::Settings storage{loaded.config.storage};
  auto opened = LedgerOpener{storage, {*zone, record, loop, log}}.open();
  if (!opened) return status_without_ledger(opened.error());
  LedgerFile::tell(opened->notices, log);
  auto ledger = std::make_unique<LedgerFile>(std::move(opened->ledger), storage, *zone, log);

  Daemon daemon{std::move(loaded.config),
                [file, is_default] {
                  return config::load(file, is_default ? config::WhenMissing::defaults : config::WhenMissing::problem);
                },
                std::move(*zone),
                std::move(ledger),
                std::move(world),
                record,
                loop,
                log};
  return daemon.run();
}

}  // namespace rbamp::daemon
