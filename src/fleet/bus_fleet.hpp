// All modules of one bus: finds them, opens their accounts, latches them, reads them, notices when they go. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/fleet.hpp"
#include "fleet/bus_context.hpp"
#include "fleet/bus_opener.hpp"
#include "fleet/drdy_lines.hpp"
#include "fleet/interruptions.hpp"
#include "fleet/latch_round.hpp"
#include "fleet/live_sampler.hpp"
#include "fleet/module.hpp"
#include "fleet/searcher.hpp"
#include "metering/output.hpp"

namespace rbamp::fleet {

/// When the next regular latch is planned on this bus.
struct PlannedLatch {
  metering::Instant at;
  std::uint16_t gc_tick = metering::no_gc_tick;
};

class BusFleet {
 public:
  struct Settings {
    std::string name;
    config::LatchMode latch = config::LatchMode::automatic;
    std::vector<Assignment> assignments;
    bool is_automatic = false;  ///< no module is configured anywhere: every rbAmp found is metered
    Microseconds show_every{};  ///< live readings for outputs; zero: none between periods
    std::vector<DrdyLines::Line> drdy_lines;
  };

  struct ScannedElsewhere {
    std::string place_id;
    std::string bus;
    bool is_metered = false;
  };

  /// What the fleet is told. All on the loop thread.
  struct Events {
    /// A part of a round is read: book these, then call back `durable`. Empty reports are reported too: the round is over.
    std::function<void(BusFleet&, std::vector<metering::ModuleReport>, std::function<void()> durable)> reported;
    /// The same for a module that came (back): `durable` is waited for, however many rounds pass.
    std::function<void(BusFleet&, std::vector<metering::ModuleReport>, std::function<void()> durable)> recovered;
    std::function<void()> round_finished;
    std::function<bool(std::string_view id, const BusFleet* except)> is_id_taken;
    /// Where modules are scanned for: the place of a chip that another bus knows. One that is away there is given up there.
    std::function<std::optional<ScannedElsewhere>(const ModuleUid&, const BusFleet* except)> take_scanned;
    /// A chip is about to be metered at this place. True when it was metered at another one since it was here last.
    std::function<bool(const ModuleUid&, const std::string& place_id)> was_elsewhere;
    std::function<void()> changed;  ///< modules online, bus lost or back, first answers
  };

  BusFleet(Settings settings, BusContext context, metering::Output& output, Events events);

  void start();
  /// Latches every metered module at `due`; the planned one after it goes into the ledger with the reports.
  void latch(BootTime due, metering::Instant label, std::uint16_t gc_tick, std::optional<PlannedLatch> next);
  /// A round of the fleet begins, whether this bus takes part or not.
  void round_begins();
  /// True while a round is between its start and its report.
  [[nodiscard]] bool is_latching() const { return !round_.can_start(); }
  [[nodiscard]] bool is_round_over() const { return round_.state() == LatchRound::State::idle; }
  /// No more searching, sampling or rounds but the one that latch() starts.
  void wind_down();
  void restart_module(Module& module);
  /// A chip that this bus found by a scan; when it does not answer here any more it is given up, since it was found on another bus.
  [[nodiscard]] std::optional<ScannedElsewhere> give_up_scanned(const ModuleUid& uid);

  /// Latches the module, books its running period, then runs `job` on the bus's worker and hands what it returned to `done`. A module
  /// without an account has nothing to book. When the job was not run, `done` gets the reason: bus_nack, cancelled, not_ready.
  void interrupt(Interruption wanted);

  /// What a changed configuration asks of this bus.
  struct Change {
    config::LatchMode latch = config::LatchMode::automatic;
    std::vector<Assignment> assignments;
    bool is_automatic = false;
    Microseconds show_every{};
  };
  /// Names, roles and `invert` hold at once, for the running period too. A place that comes, goes or gets another chip or other channels
  /// waits for the end of the running period, so that none is split. True: something waits.
  bool reconfigure(Change change);
  /// Tells an output that came later what is metered.
  void announce(metering::Output& output) const;

  /// While the bus is lent nothing is searched and nothing is read at every window; rounds go on.
  void lend(bool yes);
  [[nodiscard]] bool is_lent() const { return is_lent_; }
  [[nodiscard]] BusStation& station() const { return context_.station; }
  [[nodiscard]] loop::WaitingExecutor& executor() const { return context_.executor; }
  [[nodiscard]] LiveSampler::Windows windows_of(const Module& module) const { return sampler_.windows_of(module); }
  /// Empty, or that its modules ask for more readings than the bus carries, or that some are slow, and what is done instead.
  [[nodiscard]] std::string overload() const;

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  [[nodiscard]] bool is_open() const { return opener_.is_open(); }
  [[nodiscard]] const std::optional<Error>& open_error() const { return opener_.error(); }
  [[nodiscard]] unsigned open_attempts() const { return opener_.attempts(); }
  [[nodiscard]] bool has_looked() const { return has_looked_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Module>>& modules() const { return modules_; }
  [[nodiscard]] std::uint64_t errors() const { return context_.station.counters().exhausted.load(std::memory_order_relaxed); }
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] DrdyLines::State drdy() const { return drdy_.state(); }
  [[nodiscard]] std::optional<std::uint64_t> edges_lost() const { return drdy_.lost(); }
  [[nodiscard]] const EdgeLatency& edge_latency() const { return sampler_.edge_latency(); }
  [[nodiscard]] LiveSampler::Windows windows() const { return sampler_.windows(); }

 private:
  void opened(const bus::Capabilities& capabilities);
  void lost(const Error& error);
  void found(I2cAddress address, Identification identification);
  void foreign(I2cAddress address, const Error& error);
  void unreadable(I2cAddress address, const Error& error);
  [[nodiscard]] Module* module_at(I2cAddress address);
  [[nodiscard]] Module* module_of(I2cAddress address, const Identification& found);
  [[nodiscard]] Module& adopt(I2cAddress address, const Identification& found, std::string place_id);
  void tell_twin(I2cAddress address, const std::string& place_id, const std::string& where);
  void tell_voltage_source(const Module& module);
  void tell_missing_inputs(const Assignment& assignment, protocol::Variant variant);
  void tell_missing_setup(const Module& module);
  void tell_missing_export_register(const Module& module);
  void open_account(Module& module);
  void recovered(Module& module, const metering::RestartDecision& decision);
  void start_metering(Module& module);
  void module_answered(Module& module);
  void module_failed(Module& module, const Error& error);
  void cycle(Module& module, const Error* error);
  void lose(Module& module, const std::string& why);
  void latch_waiting();
  void round_reported(std::uint64_t number);
  void close_estimates(std::vector<metering::ModuleReport>& reports);
  void book_estimates();
  void round_finished();
  void update_sampler();
  void drdy_held(LineOwner line);
  void overloaded(const std::optional<BusBudget::Excess>& excess);
  [[nodiscard]] std::string slow_text(const Module& module, Microseconds takes) const;
  void slow(const Module& module, std::optional<Microseconds> takes);
  [[nodiscard]] bool may_broadcast(const std::vector<Module*>& modules) const;
  [[nodiscard]] std::vector<Module*> metering_modules() const;
  void let_wait(Module& module);
  void begin_round(std::vector<Module*> modules, BootTime due, metering::Instant label, std::uint16_t gc_tick);
  [[nodiscard]] bool must_change_modules() const;
  [[nodiscard]] const Assignment* assignment_for(const Module& module) const;
  void change_modules();
  void remove(Module& module, const std::string& why);
  void tell(const Module& module, metering::EventKind kind, std::string text, const std::string& channel = {},
            metering::EventValues values = {});
  void tell_missing_voltage(Module& module);
  void tell_findings(Module& module);
  void look_at_unlatched();
  void look_at_errors();
  [[nodiscard]] metering::ModuleDescription describe(const Module& module) const;

  Settings settings_;
  BusContext context_;
  metering::Output& output_;
  Events events_;
  std::vector<std::unique_ptr<Module>> modules_;
  BusOpener opener_;
  Searcher searcher_;
  LatchRound round_;
  LiveSampler sampler_;
  Interruptions interruptions_;
  DrdyLines drdy_;

  std::set<I2cAddress> twins_;  ///< told: they show the UID of a module that is metered elsewhere
  bool has_looked_ = false;
  bool is_winding_down_ = false;
  bool is_lent_ = false;
  std::string overload_;
  std::vector<Module*> in_round_;
  bool was_automatic_ = false;                    ///< how modules_ came about
  bool is_regular_round_ = false;                 ///< the round that runs, or ran last, was of all modules
  std::vector<std::unique_ptr<Module>> removed_;  ///< answers that are under way still name them
  std::vector<Module*> waiting_;                  ///< recovered modules that need a latch of their own now
  std::optional<PlannedLatch> next_;
  bool must_close_estimates_ = false;  ///< with the reports of the round that runs
  bool has_general_call_ = false;
  loop::Timer waiting_timer_;
  std::vector<Module*> error_looks_;
  loop::Timer error_timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
