#include "fleet/fleet.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "metering/schedule.hpp"
#include "protocol/general_call.hpp"

namespace rbamp::fleet {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Microseconds lead = milliseconds{100};             // before the boundary: read what is unread, make intents durable
constexpr Microseconds shortest_period = milliseconds{400};  // after any latch; two windows, so that none is empty (protocol D14)
constexpr Microseconds gather_limit = seconds{3};            // a slow bus is booked by itself
constexpr Microseconds last_gather_limit = milliseconds{500};  // the process ends soon after, whatever a bus that hangs would say
constexpr Microseconds finish_patience = milliseconds{300};    // with a round that is under way
constexpr Microseconds keep_interval = seconds{5};             // of live power that a death may cost; bridged like any hole
constexpr std::uint16_t tick_reserve = 8;                      // ticks that a crash may have used without a trace

bool does_not_open(const BusFleet& bus) { return !bus.is_open() && bus.open_attempts() >= Fleet::give_up_attempts; }

}  // namespace

Fleet::Fleet(Settings settings, Environment environment, std::function<void()> changed)
    : settings_(std::move(settings)), env_(environment), changed_(std::move(changed)) {}

void Fleet::add_bus(BusFleet::Settings settings, BusStation& station, loop::WaitingExecutor& executor) {
  BusFleet::Events events;
  events.reported = [this](BusFleet&, std::vector<metering::ModuleReport> reports, std::function<void()> durable) {
    reported(std::move(reports), std::move(durable), metering::Accounting::Answer::while_newest);
  };
  events.recovered = [this](BusFleet&, std::vector<metering::ModuleReport> reports, std::function<void()> durable) {
    reported(std::move(reports), std::move(durable), metering::Accounting::Answer::always);
  };
  events.round_finished = [this] { round_finished(); };
  events.changed = [this] { changed_(); };
  events.is_id_taken = [this](std::string_view id, const BusFleet* except) {
    return std::any_of(buses_.begin(), buses_.end(), [&](const auto& bus) {
      if (bus.get() == except) return false;
      return std::any_of(bus->modules().begin(), bus->modules().end(), [&](const auto& module) { return module->id() == id; });
    });
  };
  events.take_scanned = [this](const ModuleUid& uid, const BusFleet* except) -> std::optional<BusFleet::ScannedElsewhere> {
    for (const auto& bus : buses_) {
      if (bus.get() == except) continue;
      if (auto known = bus->give_up_scanned(uid)) return known;
    }
    return std::nullopt;
  };
  events.was_elsewhere = [this](const ModuleUid& uid, const std::string& place_id) {
    const auto [known, is_new] = place_of_chip_.try_emplace(uid, place_id);
    return !is_new && std::exchange(known->second, place_id) != place_id;
  };
  buses_.push_back(std::make_unique<BusFleet>(
      std::move(settings),
      BusContext{station, executor, env_.scheduler, env_.accounting, env_.log, voltages_, settings_.boot, env_.live_keeper},
      env_.output, std::move(events)));
}

void Fleet::start() {
  // Ticks are never reused, whatever was sent just before a crash: reserve some, durably, before the first broadcast (13.2).
  tick_ = env_.accounting.last_gc_tick();
  for (int i = 0; i < tick_reserve; ++i) tick_ = protocol::next_gc_tick(tick_);
  env_.accounting.book(
      {}, tick_, [](const Result<void>&) {}, metering::Accounting::Answer::while_newest);
  for (const auto& bus : buses_) bus->start();
  last_begun_ = env_.scheduler.clock().boot_now();
  plan();
  keep_live();
}

void Fleet::keep_live() {
  if (env_.live_keeper == nullptr) return;
  std::vector<metering::LiveMemory> memories;
  for (const auto& bus : buses_) {
    for (const auto& module : bus->modules()) {
      if (auto memory = module->live_memory()) memories.push_back(std::move(*memory));
    }
  }
  if (!memories.empty()) env_.live_keeper->keep(memories);
  keep_timer_ = env_.scheduler.call_after(keep_interval, [this] { keep_live(); });
}

// --- schedule --------------------------------------------------------------------------------------------------------------

std::uint16_t Fleet::next_tick() { return tick_ = protocol::next_gc_tick(tick_); }

metering::Instant Fleet::label_of(BootTime when) const {
  auto label = instant_now(env_.scheduler.clock(), settings_.boot);
  label.utc += when - label.at;
  label.at = when;
  return label;
}

PlannedLatch Fleet::boundary_after(UtcTime when, Microseconds margin) {
  auto& clock = env_.scheduler.clock();
  const auto boundary =
      metering::next_boundary(when, settings_.period, margin, [this](UtcTime at) { return settings_.zone.offset_at(at); });
  return {label_of(metering::to_boot_time(boundary, clock.boot_now(), clock.utc_now())), next_tick()};
}

void Fleet::plan() {
  planned_ = boundary_after(env_.scheduler.clock().utc_now(), lead + shortest_period);
  round_timer_ = env_.scheduler.call_at(planned_.at.at - lead, [this] { begin_round(); });
}

void Fleet::reschedule() {
  if (!is_finishing_) plan();
}

void Fleet::begin_round() {
  const auto now = planned_;
  // The round after this one, since its intents go into this round's transaction. After a suspend the boundaries that passed are
  // skipped: one long period covers them.
  planned_ = boundary_after(std::max(now.at.utc, env_.scheduler.clock().utc_now()), shortest_period);
  start_round(now.at.at, now.at, now.gc_tick);
  round_timer_ = env_.scheduler.call_at(planned_.at.at - lead, [this] { begin_round(); });
  changed_();  // whatever becomes of the round: a bus or a disk that hangs ends none
}

void Fleet::start_round(BootTime due, metering::Instant label, std::uint16_t tick) {
  last_begun_ = env_.scheduler.clock().boot_now();
  for (const auto& bus : buses_) bus->round_begins();
  book_gathered();
  std::size_t started = 0;
  std::vector<BusFleet*> ready;
  for (const auto& bus : buses_) {
    // A bus that is still busy with the round before, or wedged, keeps its averages; the next round covers them.
    if (bus->is_open() && !bus->is_latching()) ready.push_back(bus.get());
  }
  gathering_ = Gathering{ready.size(), {}, {}, metering::Accounting::Answer::while_newest};
  const auto next = is_finishing_ ? std::nullopt : std::optional{planned_};
  for (auto* bus : ready) {
    bus->latch(due, label, tick, next);
    ++started;
  }
  if (started == 0) {
    gathering_.reset();
    return;
  }
  gather_timer_ = env_.scheduler.call_at(due + (is_finishing_ ? last_gather_limit : gather_limit), [this] { book_gathered(); });
}

// --- booking ---------------------------------------------------------------------------------------------------------------

void Fleet::reported(std::vector<metering::ModuleReport> reports, std::function<void()> durable,
                     metering::Accounting::Answer answer) {
  if (gathering_) {
    if (answer == metering::Accounting::Answer::always) gathering_->answer = answer;
    std::move(reports.begin(), reports.end(), std::back_inserter(gathering_->reports));
    gathering_->durable.push_back(std::move(durable));
    if (gathering_->missing > 0) --gathering_->missing;
    if (gathering_->missing == 0) book_gathered();
    return;
  }
  if (reports.empty()) {
    durable();
    return;
  }
  const auto done = [durable = std::move(durable)](const Result<void>& result) {
    if (result) durable();
  };
  env_.accounting.book(std::move(reports), tick_, done, answer);
}

void Fleet::book_gathered() {
  if (!gathering_) return;
  auto gathered = std::move(*gathering_);
  gathering_.reset();
  gather_timer_.cancel();
  const auto done = [durable = std::move(gathered.durable)](const Result<void>& result) {
    if (!result) return;
    for (const auto& one : durable) one();
  };
  if (gathered.reports.empty()) {
    done({});
  } else {
    env_.accounting.book(std::move(gathered.reports), tick_, done, gathered.answer);
  }
}

void Fleet::round_finished() {
  changed_();
  keep_live();  // what was kept before this latch is booked
  if (!finished_ && after_round_.empty()) return;
  const bool all =
      std::all_of(buses_.begin(), buses_.end(), [](const auto& bus) { return bus->is_round_over() || !bus->is_open(); });
  if (!all) return;
  for (const auto& done : std::exchange(after_round_, {})) done({});
  if (finished_) std::exchange(finished_, nullptr)();
}

// --- changed configuration -------------------------------------------------------------------------------------------------

bool Fleet::reconfigure(Change change) {
  bool waits = false;
  for (const auto& bus : buses_) {
    if (const auto one = change.buses.find(bus->name()); one != change.buses.end()) {
      waits = bus->reconfigure(std::move(one->second)) || waits;
    }
  }
  if (std::exchange(settings_.period, change.period) != change.period) reschedule();
  return waits;
}

void Fleet::announce(metering::Output& output) const {
  for (const auto& bus : buses_) bus->announce(output);
}

// --- commands --------------------------------------------------------------------------------------------------------------

void Fleet::finish(std::function<void()> done) {
  round_timer_.cancel();
  const auto asked = env_.scheduler.clock().boot_now();
  if (!std::exchange(is_finishing_, true)) finish_asked_ = asked;
  for (const auto& bus : buses_) bus->wind_down();
  // A round that is under way is let finish first; it takes a fraction of a second. A bus that hangs must not cost the others their last
  // period: it is left out.
  const bool busy = std::any_of(buses_.begin(), buses_.end(), [](const auto& bus) { return bus->is_latching(); });
  if (busy && asked - finish_asked_ < finish_patience) {
    round_timer_ =
        env_.scheduler.call_after(milliseconds{20}, [this, done = std::move(done)]() mutable { finish(std::move(done)); });
    return;
  }
  finished_ = std::move(done);
  const auto now = env_.scheduler.clock().boot_now();
  start_round(now, label_of(now), metering::no_gc_tick);
  if (!gathering_ && finished_) round_finished();
}

void Fleet::latch_now() {
  if (is_finishing_) return;
  const auto now = env_.scheduler.clock().boot_now();
  if (now - last_begun_ < shortest_period + lead || planned_.at.at - now < shortest_period + lead)
    return;  // a round is under way, or about to be
  start_round(now, label_of(now), next_tick());
}

void Fleet::latch_now(std::function<void(Result<void>)> done) {
  if (is_finishing_) {
    done(failure(Errc::cancelled, Remedy::give_up, "rbampd is ending, and closes the last period by itself"));
    return;
  }
  if (!has_open_bus()) {
    done(failure(Errc::bus_missing, Remedy::wait, "no bus is open: " + first_open_error()));
    return;
  }
  after_round_.push_back(std::move(done));
  latch_now();
}

BusFleet* Fleet::find_bus(const std::string& name) {
  const auto it = std::find_if(buses_.begin(), buses_.end(), [&](const auto& bus) { return bus->name() == name; });
  return it == buses_.end() ? nullptr : it->get();
}

std::optional<Fleet::Metered> Fleet::find_metered(const std::string& module_id) const {
  for (const auto& bus : buses_) {
    for (const auto& module : bus->modules()) {
      if (module->id() == module_id && module->state == Module::State::metering) return Metered{bus.get(), module.get()};
    }
  }
  return std::nullopt;
}

bool Fleet::restart_module(const std::string& module_id) {
  const auto metered = find_metered(module_id);
  if (!metered) return false;
  metered->bus->restart_module(*metered->module);
  return true;
}

// --- state -----------------------------------------------------------------------------------------------------------------

bool Fleet::has_answer() const {
  return std::any_of(buses_.begin(), buses_.end(), [](const auto& bus) {
    return std::any_of(bus->modules().begin(), bus->modules().end(),
                       [](const auto& m) { return m->state == Module::State::metering; });
  });
}

bool Fleet::has_open_bus() const {
  return std::any_of(buses_.begin(), buses_.end(), [](const auto& bus) { return bus->is_open(); });
}

bool Fleet::is_searching() const {
  return has_open_bus() && std::all_of(buses_.begin(), buses_.end(),
                                       [](const auto& bus) { return bus->is_open() ? bus->has_looked() : does_not_open(*bus); });
}

bool Fleet::no_bus_opens() const {
  return std::all_of(buses_.begin(), buses_.end(), [](const auto& bus) { return does_not_open(*bus); });
}

std::uint32_t Fleet::modules_online() const {
  std::uint32_t online = 0;
  for (const auto& bus : buses_) {
    online += static_cast<std::uint32_t>(
        std::count_if(bus->modules().begin(), bus->modules().end(), [](const auto& m) { return m->is_reachable; }));
  }
  return online;
}

std::uint32_t Fleet::modules_known() const {
  return std::accumulate(buses_.begin(), buses_.end(), std::uint32_t{0}, [](std::uint32_t sum, const auto& bus) {
    return sum + static_cast<std::uint32_t>(bus->modules().size());
  });
}

std::uint64_t Fleet::bus_errors() const {
  std::uint64_t errors = 0;
  for (const auto& bus : buses_) errors += bus->errors();
  return errors;
}

std::string Fleet::problem() const {
  std::string all;
  for (const auto& bus : buses_) {
    const auto one = bus->problem();
    if (!one.empty()) all += (all.empty() ? "" : "; ") + one;
  }
  return all;
}

std::string Fleet::first_open_error() const {
  for (const auto& bus : buses_) {
    if (bus->open_error()) return bus->open_error()->detail;
  }
  return {};
}

bool Fleet::is_on_schedule() const {
  return is_finishing_ || env_.scheduler.clock().boot_now() - last_begun_ < settings_.period * 2 + seconds{30};
}

}  // namespace rbamp::fleet
