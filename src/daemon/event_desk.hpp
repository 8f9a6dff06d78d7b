// Turns live readings into events, and writes every event into the ledger and the journal. Beside the other outputs. Loop thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "daemon/output_group.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"
#include "metering/event_watch.hpp"
#include "metering/output.hpp"
#include "storage/ledger.hpp"

namespace rbamp::daemon {

class EventDesk final : public metering::Output {
 public:
  struct Environment {
    std::function<void(const storage::LedgerEvent&)> store;  ///< blocks; called in jobs of `executor` only
    loop::Executor& executor;
    loop::Scheduler& scheduler;
    OutputGroup& outputs;  ///< what is found goes to all of them, this one included
    log::Logger& log;
    BootId boot;
  };
  EventDesk(Environment environment, metering::EventSettings settings) : env_(std::move(environment)), settings_(settings) {}

  /// A changed configuration: what was being watched begins anew.
  void set_settings(const metering::EventSettings& settings);

  void describe(const metering::ModuleDescription& module) override;
  void set_reachable(const std::string& module_id, bool reachable) override;
  void live(const metering::Reading& reading) override;
  void committed(const metering::CommittedModule& /*module*/) override {}
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  void removed(const std::string& module_id) override { modules_.erase(module_id); }
  void event(const metering::Event& event) override;

 private:
  /// A kettle and an oven must not bury the story of a day: steps beyond it are in the ledger and on MQTT only.
  static constexpr unsigned journal_steps_per_day = 10;

  [[nodiscard]] bool is_for_the_journal(const metering::Event& event);

  struct Module {
    metering::Role role;
    metering::EventWatch watch;
  };

  Environment env_;
  metering::EventSettings settings_;
  std::map<std::string, Module> modules_;
  BootTime steps_since_{};
  unsigned steps_ = 0;
};

}  // namespace rbamp::daemon
