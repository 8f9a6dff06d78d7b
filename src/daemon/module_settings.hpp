// Settings of metered modules: reads what they show, changes them on their bus's worker, and sets thresholds again after a reset.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>

#include "daemon/setting_jobs.hpp"
#include "daemon/threshold_memory.hpp"
#include "fleet/fleet.hpp"
#include "log/logger.hpp"
#include "loop/scheduler.hpp"
#include "metering/module_settings.hpp"
#include "metering/output.hpp"
#include "mqtt/state_store.hpp"

namespace rbamp::daemon {

/// Loop thread. Hears as an output which modules are metered and which were reset. One order per module at a time; others are refused.
///
/// A threshold is written at once: RAM, a few transfers. A current transformer needs the module's flash and a reset: first the running
/// period is latched and booked, then all of it is one job on the bus's worker, so that nobody meets the module while it writes or
/// starts. Other modules of that bus go without live windows for 1.5 s. A module's flash endures some 10,000 changes, and who may write to a
/// broker is not known, so no module is changed more than `most_ct_changes` times in a day.
class ModuleSettings final : public metering::Output, public metering::SettingControl {
 public:
  /// All of it must outlive this object; `output` is told what modules show.
  struct Environment {
    fleet::Fleet& fleet;
    loop::Scheduler& scheduler;
    metering::Output& output;
    mqtt::StateStore& texts;
    log::Logger& log;
  };
  static constexpr const char* remembered_key = "thresholds";
  static constexpr std::size_t most_ct_changes = 4;
  static constexpr Microseconds ct_change_span = std::chrono::hours{24};
  static constexpr Microseconds retry_pause = std::chrono::seconds{30};  ///< when a module could not be read

  explicit ModuleSettings(Environment environment);

  void describe(const metering::ModuleDescription& module) override { look(module.id, Cause::started); }
  void set_reachable(const std::string& /*module_id*/, bool /*reachable*/) override {}
  void live(const metering::Reading& /*reading*/) override {}
  void committed(const metering::CommittedModule& /*module*/) override {}
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  void removed(const std::string& module_id) override { known_.erase(module_id); }
  void event(const metering::Event& event) override;

  /// Errors: request_invalid (no such module, or what it can never be set to, or too often), bus_busy (lent), daemon_busy (another order
  /// for it is under way), rejected, not_ready, bus_*, wrong_module.
  void set(const metering::SettingOrder& order, std::function<void(Result<void>)> done) override;
  /// A loan has ended: its borrower may have set modules.
  void bus_is_back(const std::string& bus_name);
  /// Tells an output that came later.
  void announce(metering::Output& output) const;

 private:
  using Answer = std::function<void(Result<void>)>;
  enum class Cause {
    started,     ///< its RAM may be as after a reset
    set_by_us,   ///< after an order
    set_by_them  ///< after a loan
  };
  [[nodiscard]] static ChipPlace chip_of(const fleet::Module& module) { return {module.address(), module.uid()}; }
  void look(const std::string& module_id, Cause cause, std::function<void()> looked = {});
  void looked(const std::string& module_id, Cause cause, Result<metering::ModuleSettings> shown);
  void retry();
  void set_thresholds(const metering::SettingOrder& order, const fleet::Fleet::Metered& metered, Answer done);
  void plan_ct(const metering::SettingOrder& order, const fleet::Fleet::Metered& metered, Answer done);
  void store_ct(const metering::SettingOrder& order, Answer done);
  [[nodiscard]] bool may_store(const std::string& module_id);
  void finish(const metering::SettingOrder& order, const Result<void>& result, const Answer& done);
  void remember(const metering::SettingOrder& order);
  void store_memory();

  Environment env_;
  ThresholdMemory memory_;
  std::string stored_;  ///< the memory as the ledger's file has it
  std::map<std::string, metering::ModuleSettings> known_;
  std::set<std::string> busy_;
  std::map<std::string, Cause> unread_;  ///< what is to be looked at again, and why it was
  std::map<std::string, std::deque<BootTime>> ct_changes_;
  loop::Timer retry_timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
