// Works out the demand of channels from what was committed, remembers the peak of the month, and tells the outputs. Loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/local_time.hpp"
#include "config/demand.hpp"
#include "daemon/ledger_file.hpp"
#include "daemon/output_group.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"
#include "metering/demand.hpp"
#include "metering/output.hpp"

namespace rbamp::daemon {

class DemandDesk final : public metering::Output {
 public:
  struct Environment {
    LedgerFile& ledger;  ///< the constructor reads it; later only in jobs of `executor`
    loop::Executor& executor;
    loop::Scheduler& scheduler;
    OutputGroup& outputs;
    TimeZone zone;
    log::Logger& log;
  };
  /// Belongs before the first job of the executor.
  DemandDesk(Environment environment, const config::Demand& settings);

  void describe(const metering::ModuleDescription& module) override;
  void set_reachable(const std::string& /*module_id*/, bool /*reachable*/) override {}
  void live(const metering::Reading& reading) override;
  void committed(const metering::CommittedModule& module) override;
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  void removed(const std::string& module_id) override { modules_.erase(module_id); }

  static constexpr Microseconds show_every = std::chrono::seconds{10};

 private:
  struct Module {
    std::map<std::string, metering::Demand> channels;
    BootTime next_show{};
  };

  void read_running_windows();
  void take_up(const std::string& channel, metering::Demand& demand);
  bool add(const metering::Period& span, MicroWattHours import, metering::Demand& demand) const;
  void show(const std::string& module_id, Module& module);
  void remember();

  Environment env_;
  config::Demand settings_;
  std::map<std::string, Module> modules_;
  std::map<std::string, metering::DemandPeak> peaks_;  ///< by "module/channel", also of modules that are not metered now
  /// What an earlier run booked in the window that is running and the one before, by "module/channel", until a module is described.
  std::map<std::string, std::vector<storage::LedgerLine>> booked_before_;
};

/// One line per channel: "module/channel month microwatts begin". Lines that make no sense are left out.
[[nodiscard]] std::string to_text(const std::map<std::string, metering::DemandPeak>& peaks);
[[nodiscard]] std::map<std::string, metering::DemandPeak> peaks_from_text(const std::string& text);

}  // namespace rbamp::daemon
