// All buses together: when periods end, one booking per round, what is wrong, commands. Loop thread. Design section 2.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/local_time.hpp"
#include "fleet/bus_fleet.hpp"
#include "metering/output.hpp"

namespace rbamp::fleet {

class Fleet final : public metering::FleetControl {
 public:
  struct Settings {
    Microseconds period{};
    TimeZone zone;
    BootId boot;
  };
  struct Environment {
    loop::Scheduler& scheduler;
    metering::Accounting& accounting;
    metering::Output& output;
    log::Logger& log;
    metering::LiveKeeper* live_keeper = nullptr;  ///< none: what was seen live ends with the process
  };

  Fleet(Settings settings, Environment environment, std::function<void()> changed);

  /// `station` and `executor` must outlive the fleet.
  void add_bus(BusFleet::Settings settings, BusStation& station, loop::WaitingExecutor& executor);
  void start();

  /// Closes the running period of every module, books it, acknowledges, and calls `done`: the last thing before the program ends.
  void finish(std::function<void()> done);
  /// The host's clock was set: periods end on multiples of local time again.
  void reschedule();

  /// A changed configuration, by the name of the bus; buses that it does not name keep what they have.
  struct Change {
    Microseconds period{};
    std::map<std::string, BusFleet::Change> buses;
  };
  /// Takes it over without losing or splitting a running period; a changed period begins with the next boundary. True: places that come,
  /// go or change wait for the end of the running period.
  bool reconfigure(Change change);
  /// Tells an output that came later what is metered.
  void announce(metering::Output& output) const;
  /// When the running period is planned to end.
  [[nodiscard]] UtcTime period_ends() const { return planned_.at.utc; }

  void latch_now() override;
  /// The same, or the round that is about to begin anyway; `done` when what it closed is durable.
  /// Errors: bus_missing when no bus is open, cancelled while the program ends.
  void latch_now(std::function<void(Result<void>)> done);
  /// When the round that runs, or begins now, is durable and acknowledged.
  void when_rounds_are_over(std::function<void(Result<void>)> done) { after_round_.push_back(std::move(done)); }
  [[nodiscard]] BusFleet* find_bus(const std::string& name);
  [[nodiscard]] const std::vector<std::unique_ptr<BusFleet>>& buses() const { return buses_; }
  bool restart_module(const std::string& module_id) override;
  struct Metered {
    BusFleet* bus = nullptr;
    Module* module = nullptr;
  };
  /// nullopt: there is no such module, or it does not answer.
  [[nodiscard]] std::optional<Metered> find_metered(const std::string& module_id) const;

  [[nodiscard]] bool has_answer() const;    ///< a module is metered
  [[nodiscard]] bool has_open_bus() const;  ///< at least one
  /// A bus is open and was searched, and so is every other that has not failed `give_up_attempts` times.
  [[nodiscard]] bool is_searching() const;
  [[nodiscard]] bool no_bus_opens() const;  ///< every bus has failed `give_up_attempts` times
  [[nodiscard]] std::uint32_t modules_online() const;
  /// Configured, or found so far.
  [[nodiscard]] std::uint32_t modules_known() const;
  [[nodiscard]] std::uint64_t bus_errors() const;
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] std::string first_open_error() const;
  /// True while rounds come as planned: the evidence of work that feeds the watchdog.
  [[nodiscard]] bool is_on_schedule() const;

  static constexpr unsigned give_up_attempts = 4;  ///< 0, 1, 3 and 7 s after the start

 private:
  /// The reports of all buses in one round, until they are booked together.
  struct Gathering {
    std::size_t missing = 0;
    std::vector<metering::ModuleReport> reports;
    std::vector<std::function<void()>> durable;
    metering::Accounting::Answer answer = metering::Accounting::Answer::while_newest;
  };

  void plan();
  [[nodiscard]] PlannedLatch boundary_after(UtcTime when, Microseconds margin);
  void begin_round();
  void start_round(BootTime due, metering::Instant label, std::uint16_t tick);
  void reported(std::vector<metering::ModuleReport> reports, std::function<void()> durable, metering::Accounting::Answer answer);
  void book_gathered();
  void round_finished();
  void keep_live();
  [[nodiscard]] std::uint16_t next_tick();
  [[nodiscard]] metering::Instant label_of(BootTime when) const;

  Settings settings_;
  Environment env_;
  std::function<void()> changed_;
  VoltageBoard voltages_;
  std::vector<std::unique_ptr<BusFleet>> buses_;
  std::map<ModuleUid, std::string> place_of_chip_;  ///< where each was metered last, since the start
  std::uint16_t tick_ = metering::no_gc_tick;
  PlannedLatch planned_;
  BootTime last_begun_{};
  std::optional<Gathering> gathering_;
  std::function<void()> finished_;
  std::vector<std::function<void(Result<void>)>> after_round_;
  bool is_finishing_ = false;
  BootTime finish_asked_{};
  loop::Timer round_timer_;
  loop::Timer gather_timer_;
  loop::Timer keep_timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
