#include "fleet/bus_fleet.hpp"

#include <algorithm>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::fleet {

namespace field = log::field;
namespace message_id = log::message_id;
using std::chrono::seconds;

namespace {

constexpr Microseconds first_open_pause = seconds{1};
constexpr Microseconds longest_open_pause = seconds{60};
constexpr unsigned failed_cycles_to_lose = 5;
constexpr Microseconds silence_to_suspect = seconds{10};  // with so many failed cycles
constexpr Microseconds silence_to_lose = seconds{30};     // however few
constexpr unsigned good_cycles_to_trust = 2;
constexpr Microseconds gather_time = std::chrono::milliseconds{50};  // modules found together are latched together
constexpr Microseconds account_pause = seconds{5};
constexpr Microseconds latch_is_visible = seconds{1};  // settle and unclear_wait, and the time a slow bus takes to send it
constexpr Microseconds too_close = std::chrono::milliseconds{1500};  // to the next regular latch, which does the same

/// A latch that went out right before the process before this one died: its snapshot, or its flag, may come after this look.
bool may_still_settle(const metering::Account& account, const metering::Evidence& seen) {
  const auto& intent = account.intent;
  return intent && intent->is_armed && intent->at.same_boot_as(seen.now) && seen.now.at - intent->at.at < latch_is_visible;
}

std::string what_happened(const metering::RestartDecision& decision) {
  using metering::RestartCase;
  switch (decision.which) {
    case RestartCase::a:
    case RestartCase::f: return "it went on averaging, nothing is lost";
    case RestartCase::a_prime: return "a latch that was intended did not reach it; it went on averaging, nothing is lost";
    case RestartCase::b:
    case RestartCase::b2: return "its last closed period was not booked yet and is booked now, nothing is lost";
    case RestartCase::c: return "another program latched it meanwhile: the time since the last booking can only be estimated";
    case RestartCase::d: return "it restarted meanwhile: what it had averaged until then is lost and booked as a gap";
    case RestartCase::e: return "it is metered here for the first time";
  }
  return {};
}

}  // namespace

BusFleet::BusFleet(Settings settings, BusContext context, metering::Output& output, Events events)
    : settings_(std::move(settings)),
      context_(context),
      output_(output),
      events_(std::move(events)),
      searcher_(context, {[this](I2cAddress address, Identification found_one) { found(address, std::move(found_one)); },
                          [this](I2cAddress address, const Error& error) { foreign(address, error); },
                          [this] {
                            has_looked_ = true;
                            events_.changed();
                          }}),
      round_(context, {[this](std::uint64_t number) { round_reported(number); }, [this] { round_finished(); },
                       [this](Module& module, const Error* error) { cycle(module, error); }}),
      sampler_(context, settings_.show_every,
               {[this](Module& module, const Error* error) { cycle(module, error); },
                [this](const Module& module, const LiveRead& read) {
                  output_.live(module.reading(read, context_.scheduler.clock().utc_now()));
                },
                [this](std::size_t modules, Microseconds per_read) { overloaded(modules, per_read); }}),
      open_pause_(first_open_pause) {
  for (const auto& assignment : settings_.assignments) modules_.push_back(std::make_unique<Module>(assignment));
  build_drdy();
}

// --- the bus itself --------------------------------------------------------------------------------------------------------

void BusFleet::start() {
  searcher_.pause();
  for (const auto& module : modules_) searcher_.look_for(module->address());
  was_automatic_ = settings_.is_automatic;
  if (settings_.is_automatic) searcher_.scan_all();
  if (drdy_) drdy_->start();
  open();
}

void BusFleet::open() {
  context_.run(
      alive_,
      [](BusStation& station) -> Result<bus::Capabilities> {
        if (auto result = station.open(); !result) return failure(std::move(result.error()));
        return station.capabilities();
      },
      [this](const Result<bus::Capabilities>& result) { opened(result); });
}

void BusFleet::opened(const Result<bus::Capabilities>& result) {
  ++open_attempts_;
  if (is_winding_down_) return;
  if (!result) {
    if (!open_error_ || open_error_->detail != result.error().detail) {
      context_.log.error("Bus \"" + name() + "\" cannot be opened: " + result.error().detail + ". Trying again.",
                         {{field::bus, name()}}, message_id::bus_lost);
    }
    open_error_ = result.error();
    open_timer_ = context_.scheduler.call_after(open_pause_, [this] { open(); });
    open_pause_ = std::min(open_pause_ * 2, longest_open_pause);
    events_.changed();
    return;
  }
  is_open_ = true;
  has_general_call_ = result->general_call && result->plain_i2c;
  if (open_error_ || was_lost_)
    context_.log.info("Bus \"" + name() + "\" works again", {{field::bus, name()}}, message_id::bus_back);
  open_error_.reset();
  open_pause_ = first_open_pause;
  if (!is_lent_) searcher_.resume();
  events_.changed();
}

void BusFleet::lost(const Error& error) {
  if (!is_open_) return;
  is_open_ = false;
  was_lost_ = true;
  open_error_ = error;
  context_.log.error("Bus \"" + name() + "\" is gone: " + error.detail + ". Trying to open it again.", {{field::bus, name()}},
                     message_id::bus_lost);
  searcher_.pause();
  for (const auto& module : modules_) {
    if (module->state == Module::State::metering) lose(*module, "its bus is gone");
  }
  open_timer_ = context_.scheduler.call_after(open_pause_, [this] { open(); });
  events_.changed();
}

// --- finding modules -------------------------------------------------------------------------------------------------------

Module* BusFleet::module_at(I2cAddress address) {
  const auto it = std::find_if(modules_.begin(), modules_.end(), [&](const auto& m) { return m->address() == address; });
  return it == modules_.end() ? nullptr : it->get();
}

Module* BusFleet::adopt(I2cAddress address, const Identification& found) {
  if (!settings_.is_automatic) return nullptr;
  Assignment assignment;
  assignment.address = address;
  assignment.place_id = default_module_id(found.identity.uid);
  if (events_.is_id_taken(assignment.place_id, nullptr)) assignment.place_id = "m" + to_string(found.identity.uid);
  assignment.name = found.identity.label.empty() ? "rbAmp " + assignment.place_id : found.identity.label;
  modules_.push_back(std::make_unique<Module>(std::move(assignment)));
  return modules_.back().get();
}

void BusFleet::found(I2cAddress address, Identification identification) {
  auto* module = module_at(address);
  if (module == nullptr) module = adopt(address, identification);
  if (module == nullptr || is_winding_down_) return;
  // A scan passes by what is metered, too.
  if (module->state == Module::State::metering || module->state == Module::State::opening) return;
  const auto& pinned = module->assignment().pinned;
  if (pinned && *pinned != identification.identity.uid) {
    if (module->state != Module::State::refused) {
      context_.log.error("Module \"" + module->id() + "\": the chip at " + to_string(address) + " has UID " +
                             to_string(identification.identity.uid) + ", but the configuration pins " + to_string(*pinned) +
                             ". Nothing is metered there; correct `uid` or put the right module back.",
                         {{field::module, module->id()}, {field::bus, name()}, {field::address, to_string(address)}},
                         message_id::module_refused);
    }
    module->state = Module::State::refused;
    searcher_.watch(address);
    events_.changed();
    return;
  }
  module->state = Module::State::opening;
  module->identified(std::move(identification));
  module->last_answer = context_.scheduler.clock().boot_now();
  if (!has_voltage(module->dialect().variant)) {
    start_metering(*module);  // current only: nothing to book (protocol 1.2)
  } else if (module->has_account()) {
    recovered(*module, module->recover_in_memory());
  } else {
    open_account(*module);
  }
}

void BusFleet::foreign(I2cAddress address, const Error& error) {
  auto* module = module_at(address);
  if (module == nullptr) {
    context_.log.info("Left alone: " + error.detail, {{field::bus, name()}, {field::address, to_string(address)}});
    return;
  }
  module->state = Module::State::refused;
  context_.log.error("Module \"" + module->id() + "\": " + error.detail,
                     {{field::module, module->id()}, {field::bus, name()}, {field::address, to_string(address)}},
                     message_id::module_refused);
  events_.changed();
}

void BusFleet::open_account(Module& module) {
  context_.accounting.open(module.account_request(context_.scheduler.clock().utc_now()),
                           [this, &module, guard = alive_.guard()](Result<metering::Account> account) {
                             if (guard.expired() || is_winding_down_ || module.state == Module::State::removed) return;
                             if (!account) {
                               // The ledger logs its own trouble. The module goes on averaging, so nothing is lost meanwhile.
                               module.state = Module::State::searching;
                               searcher_.look_for(module.address(), account_pause);
                               return;
                             }
                             if (may_still_settle(*account, module.last_seen())) {
                               module.state = Module::State::searching;
                               searcher_.look_for(module.address(), latch_is_visible);
                               return;
                             }
                             recovered(module, module.recover(std::move(*account)));
                           });
}

void BusFleet::recovered(Module& module, const metering::RestartDecision& decision) {
  const bool needs_latch = !decision.running || decision.running->quality != metering::Quality::measured;
  context_.log.info("Module \"" + module.id() + "\" (" + std::string{to_string(module.dialect().variant)} + ") answers at " +
                        to_string(module.address()) + ": " + what_happened(decision),
                    {{field::module, module.id()},
                     {field::module_uid, to_string(module.uid())},
                     {field::bus, name()},
                     {field::address, to_string(module.address())}},
                    decision.which == metering::RestartCase::d ? message_id::module_reset : message_id::module_back);
  const auto go_on = [this, &module, needs_latch, guard = alive_.guard()] {
    if (guard.expired() || is_winding_down_ || module.state == Module::State::removed) return;
    module.stored();
    start_metering(module);
    if (needs_latch) {
      waiting_.push_back(&module);
      waiting_timer_ = context_.scheduler.call_after(gather_time, [this] { latch_waiting(); });
    }
  };
  tell_findings(module);
  // What the module still shows must be durable before the next latch replaces it.
  if (auto report = module.take_report(std::nullopt)) {
    events_.reported(*this, {std::move(*report)}, go_on);
  } else {
    go_on();
  }
}

void BusFleet::start_metering(Module& module) {
  module.state = Module::State::metering;
  module.failed_cycles = 0;
  module.good_cycles = 0;
  output_.describe(describe(module));
  if (!module.is_reachable) {
    module.is_reachable = true;
    output_.set_reachable(module.id(), true);
    if (module.was_lost) tell(module, metering::EventKind::module_back, "the module answers again");
    module.was_lost = false;
  }
  update_sampler();
  events_.changed();
}

void BusFleet::update_sampler() {
  std::vector<Module*> modules;
  for (const auto& module : modules_) {
    if (module->state == Module::State::metering) modules.push_back(module.get());
  }
  if (is_winding_down_ || is_lent_) modules.clear();
  overload_.clear();  // found again when it is still so
  sampler_.set_modules(modules);
  if (drdy_) drdy_->set_modules(modules.size());
}

// --- every window ----------------------------------------------------------------------------------------------------------

void BusFleet::build_drdy() {
  if (!settings_.open_drdy) return;
  drdy_ = std::make_unique<DrdyWatch>(
      DrdyWatch::Settings{name(), 0}, settings_.open_drdy, settings_.watch_fd, context_.scheduler, context_.log,
      DrdyWatch::Events{[this](const gpio::Edges&) { sampler_.edge(); }, [this](bool yes) { sampler_.follow_edges(yes); },
                        [this] { drdy_held(); }});
}

/// Which module holds the line is not on the wire: all are asked. Threshold events are level-like news for whoever set the
/// threshold; once told they are cleared, or they would keep the edges of all modules from us.
void BusFleet::drdy_held() {
  for (const auto& owned : modules_) {
    if (owned->state != Module::State::metering) continue;
    context_.run(
        alive_, [address = owned->address()](BusStation& bus) { return release_drdy(bus, address); },
        [this, module = owned.get()](const Result<protocol::Events>& told) {
          if (!told || told->none()) return;
          context_.log.warning("Module \"" + module->id() + "\" held the DRDY line low: " + to_string(*told),
                               {{field::module, module->id()}, {field::bus, name()}});
          tell_thresholds(*module, *told);
        });
  }
}

void BusFleet::overloaded(std::size_t modules, Microseconds per_read) {
  const auto cycle = per_read * static_cast<std::int64_t>(modules);
  overload_ = "Bus \"" + name() + "\" cannot carry what the configuration asks of it: " + std::to_string(modules) +
              " modules are to be read every 200 ms, which takes " + std::to_string(cycle.count() / 1000) +
              " ms. Each is read as often as possible, and export with missed windows is marked as estimated. A faster bus, a "
              "second bus, or role = \"load\" for modules that never export helps.";
  context_.log.warning(overload_, {{field::bus, name()}});
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
  end_interruptions(&module, failure(Errc::bus_nack, Remedy::wait, "the module does not answer any more: " + why));
  context_.log.warning(
      "Module \"" + module.id() + "\" is lost: " + why + ". Looking for it; it keeps its average as long as it has power.",
      {{field::module, module.id()}, {field::bus, name()}, {field::address, to_string(module.address())}},
      message_id::module_lost);
  output_.set_reachable(module.id(), false);
  tell(module, metering::EventKind::module_lost, "the module does not answer any more: " + why);
  if (!is_winding_down_) searcher_.look_for(module.address());
  update_sampler();
  events_.changed();
}

// --- latching --------------------------------------------------------------------------------------------------------------

std::vector<Module*> BusFleet::metering_modules() const {
  std::vector<Module*> modules;
  for (const auto& module : modules_) {
    if (module->state == Module::State::metering && module->has_account()) modules.push_back(module.get());
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
    const bool is_away = module->state == Module::State::searching || module->state == Module::State::opening;
    if (may_listen && (is_away || module->unsettled())) return false;
  }
  if (settings_.latch == config::LatchMode::broadcast) return std::any_of(modules.begin(), modules.end(), listens);
  return modules.size() > 1 && std::all_of(modules.begin(), modules.end(), listens);
}

void BusFleet::begin_round(std::vector<Module*> modules, BootTime due, metering::Instant label, std::uint16_t gc_tick) {
  in_round_ = modules;
  arm_interruptions();
  is_regular_round_ = gc_tick != metering::no_gc_tick;
  const bool broadcast = gc_tick != metering::no_gc_tick && may_broadcast(modules);
  round_.start({std::move(modules), due, label, broadcast, 0, gc_tick});
}

void BusFleet::latch(BootTime due, metering::Instant label, std::uint16_t gc_tick, std::optional<PlannedLatch> next) {
  next_ = next;
  waiting_.clear();
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
  events_.reported(*this, std::move(reports), [this, number, guard = alive_.guard()] {
    if (!guard.expired()) round_.durable(number);
  });
}

void BusFleet::round_finished() {
  run_interruptions();
  events_.round_finished();
  if (is_regular_round_ && must_change_modules()) change_modules();
  latch_waiting();
}

void BusFleet::lend(bool yes) {
  if (is_lent_ == yes) return;
  is_lent_ = yes;
  if (is_open_ && !is_winding_down_) yes ? searcher_.pause() : searcher_.resume();
  update_sampler();
}

void BusFleet::wind_down() {
  is_winding_down_ = true;
  searcher_.pause();
  waiting_.clear();
  waiting_timer_.cancel();
  open_timer_.cancel();
  end_interruptions(nullptr, failure(Errc::cancelled, Remedy::give_up, "rbampd is ending"));
  update_sampler();
}

std::string BusFleet::problem() const {
  if (open_error_) return "bus \"" + name() + "\": " + open_error_->detail;
  std::string missing;
  for (const auto& module : modules_) {
    if (module->is_reachable) continue;
    if (module->state == Module::State::refused)
      return "module \"" + module->id() + "\": the wrong chip is at " + to_string(module->address());
    if (!has_looked_) continue;
    missing += (missing.empty() ? "" : ", ") + module->id();
  }
  return missing.empty() ? missing : "not reachable: " + missing;
}

}  // namespace rbamp::fleet
