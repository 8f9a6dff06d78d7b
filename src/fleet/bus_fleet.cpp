#include "fleet/bus_fleet.hpp"

#include <algorithm>
#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::fleet {

namespace field = log::field;
namespace message_id = log::message_id;
using std::chrono::seconds;

namespace {

constexpr unsigned failed_cycles_to_lose = 5;
constexpr Microseconds silence_to_suspect = seconds{10};  // with so many failed cycles
constexpr Microseconds silence_to_lose = seconds{30};     // however few
constexpr unsigned good_cycles_to_trust = 2;
constexpr Microseconds too_close = std::chrono::milliseconds{1500};  // to the next regular latch, which does the same

}  // namespace

BusFleet::BusFleet(Settings settings, BusContext context, metering::Output& output, Events events)
    : settings_(std::move(settings)),
      context_(context),
      output_(output),
      events_(std::move(events)),
      opener_(settings_.name, context,
              {[this](const bus::Capabilities& capabilities) { opened(capabilities); }, [this] { events_.changed(); }}),
      searcher_(context, {[this](I2cAddress address, Identification found_one) { found(address, std::move(found_one)); },
                          [this](I2cAddress address, const Error& error) { foreign(address, error); },
                          [this](I2cAddress address, const Error& error) { unreadable(address, error); },
                          [this] {
                            has_looked_ = true;
                            events_.changed();
                          },
                          [this](const Error& error) { lost(error); },
                          [this](I2cAddress address) {
                            const auto* module = module_at(address);
                            return module == nullptr ? std::nullopt : module->assignment().export_register;
                          }}),
      round_(context, {[this](std::uint64_t number) { round_reported(number); }, [this] { round_finished(); },
                       [this](Module& module, const Error* error) { cycle(module, error); }}),
      sampler_(context, settings_.show_every,
               {[this](Module& module, const Error* error) { cycle(module, error); },
                [this](const Module& module, const LiveRead& read) {
                  output_.live(module.reading(read, context_.scheduler.clock().utc_now()));
                },
                [this](const std::optional<BusBudget::Excess>& excess) { overloaded(excess); },
                [this](const Module& module, std::optional<Microseconds> takes) { slow(module, takes); },
                [this] { return is_latching(); }}),
      interruptions_(context),
      drdy_(std::exchange(settings_.drdy_lines, {}),
            {settings_.name, {context.executor, context.scheduler, context.log}, sampler_, [this](LineOwner line) {
               drdy_held(line);
             }}) {
  for (const auto& assignment : settings_.assignments) modules_.push_back(std::make_unique<Module>(assignment));
}

// --- the bus itself --------------------------------------------------------------------------------------------------------

void BusFleet::start() {
  searcher_.pause();
  for (const auto& module : modules_) searcher_.look_for(module->address());
  was_automatic_ = settings_.is_automatic;
  if (settings_.is_automatic) searcher_.scan_all();
  drdy_.start();
  opener_.open();
}

void BusFleet::opened(const bus::Capabilities& capabilities) {
  has_general_call_ = capabilities.general_call && capabilities.plain_i2c;
  if (!is_lent_) searcher_.resume();
  events_.changed();
}

void BusFleet::lost(const Error& error) {
  if (!opener_.is_open()) return;
  opener_.lost(error);
  searcher_.pause();
  for (const auto& module : modules_) {
    if (module->state == Module::State::metering) lose(*module, "its bus is gone");
  }
  events_.changed();
}

// --- every window ----------------------------------------------------------------------------------------------------------

void BusFleet::update_sampler() {
  std::vector<Module*> modules;
  for (const auto& module : modules_) {
    if (module->state == Module::State::metering) modules.push_back(module.get());
  }
  if (is_winding_down_ || is_lent_) modules.clear();
  is_winding_down_ ? sampler_.stop() : sampler_.set_modules(modules);
  drdy_.set_modules(modules);
}

// --- coming and going ------------------------------------------------------------------------------------------------------

void BusFleet::cycle(Module& module, const Error* error) {
  if (error == nullptr) {
    module_answered(module);
  } else {
    module_failed(module, *error);
  }
}

void BusFleet::module_answered(Module& module) {
  module.last_answer = context_.scheduler.clock().boot_now();
  module.failed_cycles = 0;
  if (module.is_reachable || module.state != Module::State::metering) return;
  if (++module.good_cycles < good_cycles_to_trust) return;
  module.is_reachable = true;
  output_.set_reachable(module.id(), true);
  tell(module, metering::EventKind::module_back, "the module answers again");
  events_.changed();
}

void BusFleet::module_failed(Module& module, const Error& error) {
  ++module.errors;
  module.must_prove_identity = true;
  module.good_cycles = 0;
  ++module.failed_cycles;
  if (module.state != Module::State::metering) return;
  if (error.is(Errc::bus_missing) || error.is(Errc::bus_permission)) {
    lost(error);
    return;
  }
  const Microseconds silence = context_.scheduler.clock().boot_now() - module.last_answer;
  const bool is_lost = error.is(Errc::wrong_module) || silence >= silence_to_lose ||
                       (module.failed_cycles >= failed_cycles_to_lose && silence >= silence_to_suspect);
  if (is_lost) lose(module, error.detail);
}

void BusFleet::lose(Module& module, const std::string& why) {
  module.state = Module::State::searching;
  module.is_reachable = false;
  module.was_lost = true;
  std::erase(waiting_, &module);
  interruptions_.end(&module, failure(Errc::bus_nack, Remedy::wait, "the module does not answer any more: " + why));
  context_.log.warning(
      "Module \"" + module.id() + "\" is lost: " + why + ". Looking for it; it keeps its average as long as it has power.",
      {{field::module, module.id()}, {field::bus, name()}, {field::address, to_string(module.address())}},
      message_id::module_lost);
  output_.set_reachable(module.id(), false);
  tell(module, metering::EventKind::module_lost, "the module does not answer any more: " + why);
  if (!is_winding_down_) {
    searcher_.look_for(module.address());
    if (settings_.is_automatic) searcher_.scan_all();  // it may have moved
  }
  update_sampler();
  events_.changed();
}

// --- latching --------------------------------------------------------------------------------------------------------------

std::vector<Module*> BusFleet::metering_modules() const {
  std::vector<Module*> modules;
  for (const auto& module : modules_) {
    if (module->state == Module::State::metering && module->has_account() && !module->is_estimated())
      modules.push_back(module.get());
  }
  return modules;
}

bool BusFleet::may_broadcast(const std::vector<Module*>& modules) const {
  if (settings_.latch == config::LatchMode::sequential || !has_general_call_) return false;
  const auto listens = [](const auto& module) { return module->listens_to_broadcast(); };
  // A module that hears the frame but cannot be read now would lose the period it still holds: one that is away, and after a start
  // one that was not found yet.
  if (settings_.is_automatic && !has_looked_) return false;
  for (const auto& module : modules_) {
    const bool may_listen = module->listens_to_broadcast() || !module->is_identified();
    // A refused chip may be our module after all, misread on a disturbed bus, or one whose `uid` in the configuration is mistyped.
    const bool is_away = module->state == Module::State::searching || module->state == Module::State::opening ||
                         (module->state == Module::State::refused && (module->is_identified() || module->is_other_chip));
    if (may_listen && (is_away || module->unsettled())) return false;
  }
  // One that the configuration does not name any more may come back into it, and then has what it averaged meanwhile.
  const auto is_metered = [this](const Module& gone) {
    return std::any_of(modules_.begin(), modules_.end(),
                       [&](const auto& module) { return module->is_identified() && module->uid() == gone.uid(); });
  };
  for (const auto& gone : removed_) {
    if (gone->listens_to_broadcast() && gone->has_account() && !is_metered(*gone)) return false;
  }
  if (settings_.latch == config::LatchMode::broadcast) return std::any_of(modules.begin(), modules.end(), listens);
  return modules.size() > 1 && std::all_of(modules.begin(), modules.end(), listens);
}

void BusFleet::begin_round(std::vector<Module*> modules, BootTime due, metering::Instant label, std::uint16_t gc_tick) {
  in_round_ = modules;
  interruptions_.round_begins(in_round_);
  is_regular_round_ = gc_tick != metering::no_gc_tick;
  const bool broadcast = gc_tick != metering::no_gc_tick && may_broadcast(modules);
  round_.start({std::move(modules), due, label, broadcast, 0, gc_tick});
}

void BusFleet::round_begins() {
  for (const auto& module : modules_) {
    if (!module->round_begins()) continue;
    context_.log.warning("Module \"" + module->id() + "\" answers, or does not say that it fails, but no period of it could be " +
                             "booked in " + std::to_string(Module::most_unbooked) +
                             " rounds. It goes on averaging. Does its bus or the disk of the ledger hang?",
                         {{field::module, module->id()}, {field::bus, name()}}, message_id::measuring_doubtful);
  }
  if (!is_winding_down_ && is_open()) look_at_unlatched();
}

void BusFleet::latch(BootTime due, metering::Instant label, std::uint16_t gc_tick, std::optional<PlannedLatch> next) {
  next_ = next;
  waiting_.clear();
  must_close_estimates_ = true;
  begin_round(metering_modules(), due, label, gc_tick);
}

void BusFleet::latch_waiting() {
  if (waiting_.empty() || is_winding_down_ || is_latching()) return;  // round_finished() comes back here
  const auto now = instant_now(context_.scheduler.clock(), context_.boot);
  if (next_ && next_->at.at > now.at && next_->at.at - now.at < too_close) {
    waiting_.clear();
    return;
  }
  begin_round(std::exchange(waiting_, {}), now.at, now, metering::no_gc_tick);
}

void BusFleet::round_reported(std::uint64_t number) {
  std::vector<metering::ModuleReport> reports;
  const bool broadcast = next_ && may_broadcast(metering_modules());
  for (auto* module : in_round_) {
    std::optional<metering::Intent> planned;
    if (next_) {
      const bool hears = broadcast && module->listens_to_broadcast();
      planned = metering::Intent{next_->at, hears ? metering::LatchKind::broadcast : metering::LatchKind::direct,
                                 hears ? next_->gc_tick : metering::no_gc_tick, false};
    }
    if (auto report = module->take_report(planned)) reports.push_back(std::move(*report));
    tell_findings(*module);
  }
  if (std::exchange(must_close_estimates_, false)) close_estimates(reports);
  events_.reported(*this, std::move(reports), [this, number, guard = alive_.guard()] {
    if (!guard.expired()) round_.durable(number);
  });
}

void BusFleet::close_estimates(std::vector<metering::ModuleReport>& reports) {
  const auto now = instant_now(context_.scheduler.clock(), context_.boot);
  for (const auto& module : modules_) {
    if (!module->is_estimated()) continue;
    tell_missing_voltage(*module);
    module->close_estimate(now);
    if (auto report = module->take_report(std::nullopt)) reports.push_back(std::move(*report));
  }
}

void BusFleet::round_finished() {
  interruptions_.round_ended();
  events_.round_finished();
  if (is_regular_round_ && must_change_modules()) change_modules();
  latch_waiting();
}

void BusFleet::interrupt(Interruption wanted) {
  auto* module = wanted.module;
  if (is_winding_down_) {
    wanted.done(failure(Errc::cancelled, Remedy::give_up, "rbampd is ending"));
    return;
  }
  if (!module->has_account() || module->is_estimated()) {
    interruptions_.run(std::move(wanted));
    return;
  }
  interruptions_.add(std::move(wanted));
  let_wait(*module);
  latch_waiting();
}

/// A module that is latched twice in one round has its second latch empty, over a snapshot that nobody has read.
void BusFleet::let_wait(Module& module) {
  if (std::find(waiting_.begin(), waiting_.end(), &module) == waiting_.end()) waiting_.push_back(&module);
}

void BusFleet::restart_module(Module& module) {
  Interruption restart;
  restart.module = &module;
  restart.needs_booking = false;  // a module that cannot be latched any more may need nothing but a restart
  restart.job = [address = module.address()](BusStation& bus) -> Result<void> {
    send_reset(bus, address);
    return {};
  };
  restart.done = [this, id = module.id()](const Result<void>& result) {
    if (!result)
      context_.log.warning("Module \"" + id + "\" was not restarted: " + result.error().detail, {{field::module, id}},
                           message_id::order_refused);
  };
  interrupt(std::move(restart));
}

void BusFleet::lend(bool yes) {
  if (is_lent_ == yes) return;
  is_lent_ = yes;
  if (opener_.is_open() && !is_winding_down_) yes ? searcher_.pause() : searcher_.resume();
  update_sampler();
}

void BusFleet::wind_down() {
  is_winding_down_ = true;
  searcher_.pause();
  waiting_.clear();
  waiting_timer_.cancel();
  opener_.stop();
  interruptions_.end(nullptr, failure(Errc::cancelled, Remedy::give_up, "rbampd is ending"));
  update_sampler();
  for (const auto& module : modules_) module->sampling_ends();
}

std::string BusFleet::problem() const {
  if (const auto& error = opener_.error()) return "bus \"" + name() + "\": " + error->detail;
  std::string missing;
  for (const auto& module : modules_) {
    if (module->is_stalled()) return "module \"" + module->id() + "\": its periods cannot be booked";
    if (module->is_reachable) continue;
    if (module->state == Module::State::refused)
      return "module \"" + module->id() + "\": the wrong chip is at " + to_string(module->address());
    if (!has_looked_) continue;
    missing += (missing.empty() ? "" : ", ") + module->id();
  }
  return missing.empty() ? missing : "not reachable: " + missing;
}

}  // namespace rbamp::fleet
