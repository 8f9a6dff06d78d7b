#include "kill_campaign.hpp"

#include <algorithm>

#include "campaign_world.hpp"
#include "simulator/random.hpp"

namespace rbamp::support {
namespace {

using simulator::Intervention;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Victim : std::uint8_t { process, module, bus, disk };
enum class Moment : std::uint8_t { before_transaction, after_transaction, ledger_step, any };

/// The next death: who, when, and for how long.
struct Plan {
  Victim victim = Victim::process;
  Moment moment = Moment::any;
  std::uint64_t countdown = 0;  ///< transactions or steps until then
  Microseconds wait{};          ///< for Moment::any, and the limit of the others
  Microseconds lasting{};
};

class Campaign {
 public:
  Campaign(std::uint64_t seed, metering::Ledger* ledger)
      : random_{seed ^ 0xD1CE},
        world_(campaign_world(seed)),
        ledger_(ledger != nullptr ? *ledger : memory_),
        house_(world_.house, &ledger_),
        judge_(house_.world(), world_.modules) {
    report_.words = "seed " + std::to_string(seed) + ": " + world_.words;
    house_.world().bus()->set_hooks({[this](const simulator::Transaction&) { return before_transaction(); },
                                     [this](const simulator::Transaction&) { pass(Moment::after_transaction); }});
    ledger_.hook = [this](LedgerStep step) { return at_ledger_step(step); };
    house_.unusable_ledger = [this] {
      report_.findings.emplace_back("the ledger says that it is damaged");
      throw Killed{};
    };
  }

  CampaignReport run(int kills) {
    start();
    house_.run_for(campaign_calm);
    for (int i = 0; i < kills && report_.findings.empty(); ++i) {
      live_until_death();
      look();
    }
    recover();
    look();
    look_at_the_end();
    report_.lines = judge_.sums();
    return std::move(report_);
  }

 private:
  // --- one life ------------------------------------------------------------------------------------------------------
  void live_until_death() {
    plan_ = draw();
    is_armed_ = plan_.moment != Moment::any;
    const auto until = house_.clock().boot_now() + plan_.wait;
    if (!is_running_) start();
    if (is_running_ && (plan_.moment == Moment::any || is_armed_)) run_until(until);
    const bool is_over = plan_.moment != Moment::any && !is_armed_;
    if (!is_over) {  // at any instant, or none of the wanted moments came
      is_armed_ = false;
      strike_from_outside();
    }
    if (!is_running_) stay_down();
  }

  /// Until `until`, or the plan is carried out.
  void run_until(BootTime until) {
    while (is_running_ && house_.clock().boot_now() < until && (plan_.moment == Moment::any || is_armed_)) {
      const auto left = until - house_.clock().boot_now();
      if (house_.run_until_killed(std::min<Microseconds>(left, seconds{1}))) died();
    }
  }

  void start() {
    try {
      is_running_ = true;
      house_.start();
    } catch (const Killed&) {
      house_.kill();
      died();
    }
  }

  void strike_from_outside() {
    if (plan_.victim != Victim::process) {
      strike();
    } else if (is_running_) {
      ++report_.process_deaths;
      house_.kill();
      died();
    }
  }

  void died() {
    is_running_ = false;
    // What the disk refused is gone with the process.
    if (refused_since_) {
      for (std::size_t i = 0; i < judge_.modules().size(); ++i) {
        const auto stored = ledger_.covered_until(judge_.modules()[i].place).value_or(*refused_since_);
        judge_.add_cause(i, {Cause::Kind::blind, std::min(stored, *refused_since_), house_.clock().boot_now()});
      }
      refused_since_.reset();
    }
  }

  void stay_down() {
    const bool is_reboot = world_.host_reboots && random_.happens(0.25);
    house_.run_for(is_reboot ? seconds{20} + plan_.lasting : plan_.lasting);
    if (is_reboot) house_.set_boot(BootId{BootId::Bytes{static_cast<std::uint8_t>(8 + reboots_++ % 240)}});
    if (world_.clock_steps && random_.happens(0.1)) house_.clock().step_utc(seconds{3600} - up_to(7'200'000));
    if (random_.happens(0.1)) {
      cut_module(house_.clock().boot_now());
      house_.run_for(up_to(3'000));
    }
  }

  // --- the death -----------------------------------------------------------------------------------------------------
  Plan draw() {
    Plan plan;
    const double who = random_.unit();
    plan.victim = who < 0.6 ? Victim::process : who < 0.75 ? Victim::module : who < 0.9 ? Victim::bus : Victim::disk;
    const double when = random_.unit();
    plan.moment = when < 0.3   ? Moment::before_transaction
                  : when < 0.6 ? Moment::after_transaction
                  : when < 0.8 ? Moment::ledger_step
                               : Moment::any;
    plan.countdown = 1 + random_.below(plan.moment == Moment::ledger_step ? 9 : 50);
    const auto period_ms = static_cast<std::uint64_t>(world_.house.period / milliseconds{1});
    plan.wait = plan.moment == Moment::any ? up_to(2 * period_ms) : 3 * world_.house.period;
    // Mostly short, so that the next life begins close to the last one; sometimes longer than a module is waited for.
    plan.lasting = up_to(random_.happens(0.7) ? 2'000 : 45'000);
    return plan;
  }

  void pass(Moment moment) {
    if (!is_armed_ || plan_.moment != moment || --plan_.countdown > 0) return;
    is_armed_ = false;
    strike();
  }

  void strike() {
    const auto now = house_.clock().boot_now();
    switch (plan_.victim) {
      case Victim::process: ++report_.process_deaths; throw Killed{};
      case Victim::module: cut_module(now); return;
      case Victim::bus:
        ++report_.bus_deaths;
        bus_dead_until_ = now + plan_.lasting;
        bus_death_ = random_.happens(0.6)   ? Intervention::nack_address
                     : random_.happens(0.5) ? Intervention::nack_data
                                            : Intervention::time_out;
        return;
      case Victim::disk:
        ++report_.disk_deaths;
        disk_refuses_until_ = now + plan_.lasting;
        return;
    }
  }

  void cut_module(BootTime now) {
    ++report_.module_deaths;
    const std::size_t index = random_.below(judge_.modules().size());
    simulator::Fault fault;
    fault.kind = random_.happens(0.3) ? simulator::FaultKind::watchdog_reset : simulator::FaultKind::power_cycle;
    fault.module = world_.house.world.modules[index].address;
    if (fault.kind == simulator::FaultKind::power_cycle) fault.lasting = plan_.lasting;
    judge_.add_cause(index, {Cause::Kind::reset, now, now + fault.lasting});
    house_.world().inject_now(fault);
  }

  Intervention before_transaction() {
    pass(Moment::before_transaction);
    return house_.clock().boot_now() < bus_dead_until_ ? bus_death_ : Intervention::none;
  }

  std::optional<Error> at_ledger_step(LedgerStep step) {
    pass(Moment::ledger_step);
    const auto now = house_.clock().boot_now();
    // What waited is stored in order; the one that was stored now is still in the queue.
    if (step == LedgerStep::after_commit && house_.bookkeeper().backlog() <= 1) refused_since_.reset();
    const bool is_before = step == LedgerStep::before_open || step == LedgerStep::before_arm || step == LedgerStep::before_commit;
    if (!is_before || now >= disk_refuses_until_) return std::nullopt;
    if (!refused_since_) refused_since_ = now;
    return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
  }

  // --- what must hold ------------------------------------------------------------------------------------------------
  void look() {
    for (const auto& line : ledger_.take_lines()) judge_.judge(line);
    auto& findings = report_.findings;
    for (auto* more : {&judge_.findings(), &ledger_.violations}) {
      findings.insert(findings.end(), more->begin(), more->end());
      more->clear();
    }
    if (house_.output().fell) findings.emplace_back("I2, a published register fell");
    for (const auto& [name, published] : house_.output().registers) {
      const auto& durable = ledger_.registers().at(name);
      if (published.energy_import > durable.energy_import || published.energy_export > durable.energy_export)
        findings.push_back(name + ": I4, more was published than is durable");
    }
  }

  /// Everything works again but the script; the process runs.
  void recover() {
    bus_dead_until_ = {};
    disk_refuses_until_ = {};
    if (!is_running_) start();
    house_.run_for(seconds{120} + 4 * world_.house.period);
  }

  void look_at_the_end() {
    const auto now = house_.clock().boot_now();
    for (const auto& module : judge_.modules()) {
      const auto covered = ledger_.covered_until(module.place);
      if (!covered || now - *covered > 2 * world_.house.period + seconds{20})
        report_.findings.push_back(module.place + ": I3, the newest time is not covered although everything works again");
      const bool was_cut = std::any_of(module.causes.begin(), module.causes.end(),
                                       [](const Cause& cause) { return cause.kind == Cause::Kind::reset; });
      for (std::size_t channel = 0; channel < module.channels.size() && !was_cut; ++channel) {
        if (house_.world().truth(module.index, channel).never_read.value() > 1e-9)
          report_.findings.push_back(module.place + ": I5, a snapshot was latched over before it was read");
      }
    }
  }

  [[nodiscard]] Microseconds up_to(std::uint64_t ms) { return milliseconds{static_cast<std::int64_t>(random_.below(ms))}; }

  simulator::Random random_;
  CampaignWorld world_;
  MemoryLedger memory_;
  WatchedLedger ledger_;
  House house_;
  LineJudge judge_;
  CampaignReport report_;
  Plan plan_;
  bool is_armed_ = false;
  bool is_running_ = false;
  int reboots_ = 0;
  BootTime bus_dead_until_{};
  Intervention bus_death_ = Intervention::nack_address;
  BootTime disk_refuses_until_{};
  std::optional<BootTime> refused_since_;
};

}  // namespace

CampaignReport run_kill_campaign(std::uint64_t seed, int kills, metering::Ledger* ledger) {
  return Campaign{seed, ledger}.run(kills);
}

}  // namespace rbamp::support
