// Daemon under a changed configuration: SIGHUP, `systemctl reload`, the Reload command.
#include "daemon/daemon.hpp"
#include "daemon/fleet_plan.hpp"
#include "daemon/reload_plan.hpp"
#include "log/message_ids.hpp"

namespace rbamp::daemon {

Result<std::string> Daemon::reload_wanted() {
  if (is_stopping_) return failure(Errc::cancelled, Remedy::give_up, "rbampd is ending");
  const bool is_known_to_systemd = notifier_.is_ready();
  if (is_known_to_systemd) notifier_.reloading();
  auto told = reload();
  if (is_known_to_systemd) notifier_.ready(status());
  return told;
}

Result<std::string> Daemon::reload() {
  auto loaded = read_config_();
  if (!loaded.problems.empty()) {
    for (const auto& problem : loaded.problems) log_.error(to_string(problem), {}, log::message_id::config_refused);
    const auto count = loaded.problems.size();
    config_problem_ = "the changed configuration has " + std::to_string(count) + (count == 1 ? " problem" : " problems") +
                      ", the old one stays in force: " + to_string(loaded.problems.front());
    log_.error("Not reloaded: " + config_problem_, {}, log::message_id::config_refused);
    changed();
    return failure(Errc::config_invalid, Remedy::give_up, config_problem_);
  }
  config_problem_.clear();
  auto told = apply(std::move(loaded.config));
  log_.info("The configuration was read again: " + told, {}, log::message_id::config_reloaded);
  changed();
  return told;
}

std::string Daemon::apply(config::Config wanted) {
  auto plan = plan_reload(config_, std::move(wanted));
  config_ = std::move(plan.effective);
  if (!plan.changes_mqtt) mqtt_->refresh();  // a certificate may be new though its name is not
  if (plan.is_empty()) return "nothing changed";
  if (plan.changes_log_level) log_.set_threshold(log_level(config_.daemon));
  if (plan.changes_events) events_->set_settings(config_.events);
  if (plan.changes_retention) {
    storage_worker_.run([&ledger = *ledger_, storage = config_.storage] {
      ledger.set_retention(storage.raw_retention, storage.quarter_hour_retention);
    });
  }
  std::string told = "it is in force";
  if (plan.changes_fleet && fleet_->reconfigure(fleet_change(config_)))
    told += "; modules that came, went or have other channels follow when the running period ends, at " +
            to_rfc3339(fleet_->period_ends());
  if (plan.changes_mqtt) mqtt_->replace(config_);
  if (!plan.needs_restart.empty()) {
    told += "; not applied before a restart:";
    for (const auto& key : plan.needs_restart) told += (&key == &plan.needs_restart.front() ? " " : ", ") + key;
  }
  return told;
}

}  // namespace rbamp::daemon
