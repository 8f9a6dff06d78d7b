#include "simulator/drdy.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <mutex>
#include <utility>

#include "simulator/module_constants.hpp"
#include "simulator/world.hpp"

namespace rbamp::simulator {
namespace {

constexpr std::size_t kernel_queue = 16;  // libgpiod 1.6; with 2.x more

/// Commits until `at`, the publication of the short first window included.
std::int64_t commits_until(const LineChange& line, SimTime window, SimTime at) {
  if (!line.is_running || at < line.booted_at + boot_to_ready) return 0;
  return 1 + floor_divide(at - line.booted_at, window);
}

SimTime commit_before(const LineChange& line, SimTime window, SimTime at) {
  const auto windows = floor_divide(at - line.booted_at, window);
  return windows > 0 ? line.booted_at + window * windows : line.booted_at + boot_to_ready;
}

SimTime commit_after(const LineChange& line, SimTime window, SimTime at) {
  if (!line.is_running) return never;
  if (at < line.booted_at + boot_to_ready) return line.booted_at + boot_to_ready;
  return line.booted_at + window * (floor_divide(at - line.booted_at, window) + 1);
}

std::int64_t noise_until(double per_second, SimTime since, SimTime at) {
  return at <= since ? 0 : static_cast<std::int64_t>(in_seconds(at - since) * per_second);
}

}  // namespace

SimulatedDrdy::SimulatedDrdy(World& world, const std::vector<std::size_t>& modules, DrdyWake wake) : world_(world), wake_(wake) {
  timer_ = Fd{timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)};
  const std::lock_guard lock{world_.mutex_};
  swept_until_ = world_.sim_now();
  for (const auto module : modules) {
    auto& found = *world_.modules_.at(module);
    found.advance(swept_until_);
    found.watch_line(true);
    sources_.push_back({module, found.line()});
  }
  world_.lines_.push_back(this);
  refresh();
}

SimulatedDrdy::~SimulatedDrdy() {
  const std::lock_guard lock{world_.mutex_};
  std::erase(world_.lines_, this);
  for (const auto& source : sources_) world_.modules_[source.module]->watch_line(false);
}

// Stretches of quiet are half open, (from, to], so that an edge at this very instant counts. What holds in one is asked for
// just behind its beginning, and faults, which are [from, to), turn just before their limits.
bool SimulatedDrdy::is_held(SimTime after) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const Source& source) {
    return source.line.is_alarmed || world_.modules_[source.module]->active(FaultKind::drdy_stuck, after + SimTime{1});
  });
}

/// Beginnings and ends of line faults within (from, to].
std::vector<SimTime> SimulatedDrdy::turns(SimTime from, SimTime to) const {
  std::vector<SimTime> found;
  const auto add = [&](SimTime at) {
    if (at > from && at <= to && at != never - SimTime{1}) found.push_back(at);
  };
  for (const auto& source : sources_) {
    for (const auto& fault : world_.modules_[source.module]->lasting_faults()) {
      const auto kind = fault.what.kind;
      if (kind != FaultKind::drdy_stuck && kind != FaultKind::drdy_silent && kind != FaultKind::drdy_noise) continue;
      add(fault.from - SimTime{1});
      add(fault.to - SimTime{1});
    }
  }
  return found;
}

void SimulatedDrdy::add_edges(std::size_t count, SimTime newest, SimTime apart) {
  const SimTime oldest = newest - apart * (static_cast<SimTime::rep>(count) - 1);
  if (pending_ == 0) oldest_pending_ = oldest;
  pending_ += count;
  const auto kept = std::min(count, kernel_queue - stamps_.size());
  for (std::size_t i = 0; i < kept; ++i) stamps_.push_back(oldest + apart * static_cast<SimTime::rep>(i));
}

/// Pulses within (from, to], while nothing but commits and noise happens.
void SimulatedDrdy::sweep_quiet(SimTime from, SimTime to) {
  if (from >= to || is_held(from)) return;
  for (const auto& source : sources_) {
    const auto& module = *world_.modules_[source.module];
    if (!module.active(FaultKind::drdy_silent, from + SimTime{1})) {
      const SimTime window = module.settings().window;
      const auto count = commits_until(source.line, window, to) - commits_until(source.line, window, from);
      if (count > 0) add_edges(static_cast<std::size_t>(count), commit_before(source.line, window, to), window);
    }
    for (const auto& fault : module.lasting_faults()) {
      if (fault.what.kind != FaultKind::drdy_noise || from + SimTime{1} < fault.from || from + SimTime{1} >= fault.to) continue;
      const double rate = fault.what.value.value_or(50.0);
      const auto count = noise_until(rate, fault.from, to) - noise_until(rate, fault.from, from);
      if (count > 0) add_edges(static_cast<std::size_t>(count), to, SimTime{0});
    }
  }
}

void SimulatedDrdy::sweep(SimTime now) {
  struct Turn {
    SimTime at{};
    Source* source = nullptr;  ///< none: a line fault begins or ends
    LineChange line;
  };
  std::vector<Turn> changes;
  for (auto& source : sources_) {
    auto& module = *world_.modules_[source.module];
    module.advance(now);
    for (const auto& change : module.take_line_changes()) changes.push_back({change.at, &source, change});
  }
  for (const auto at : turns(swept_until_, now)) changes.push_back({at, nullptr, {}});
  std::stable_sort(changes.begin(), changes.end(), [](const Turn& a, const Turn& b) { return a.at < b.at; });
  for (const auto& change : changes) {
    const SimTime at = std::max(change.at, swept_until_);
    sweep_quiet(swept_until_, at);
    const bool was_held = is_held(swept_until_);
    if (change.source != nullptr) change.source->line = change.line;
    swept_until_ = at;
    if (!was_held && is_held(at)) add_edges(1, at, SimTime{0});
  }
  sweep_quiet(swept_until_, now);
  swept_until_ = std::max(now, swept_until_);
}

SimTime SimulatedDrdy::next_wake(SimTime now) const {
  SimTime next = never;
  const bool held = is_held(now);
  for (const auto& source : sources_) {
    const auto& module = *world_.modules_[source.module];
    next = std::min(next, module.next_scripted_change());
    if (held) continue;
    next = std::min(next, module.next_alarm_change());
    if (!module.active(FaultKind::drdy_silent, now))
      next = std::min(next, commit_after(source.line, module.settings().window, now));
    if (const auto noise = module.active(FaultKind::drdy_noise, now)) {
      next = std::min(next, now + SimTime{static_cast<SimTime::rep>(1e9 / noise->value.value_or(50.0))});
    }
  }
  for (const auto at : turns(now, never)) next = std::min(next, at);
  return std::max(next, now + SimTime{1});
}

void SimulatedDrdy::refresh() {
  const SimTime now = world_.sim_now();
  sweep(now);
  if (wake_ != DrdyWake::by_timer || !timer_.is_open()) return;
  const SimTime wanted = pending_ > 0 ? oldest_pending_ : next_wake(now);
  if (wanted == armed_for_) return;
  armed_for_ = wanted;
  itimerspec when{};
  if (wanted != never) {
    const auto since_boot = std::chrono::ceil<Microseconds>((world_.began_ - BootTime{}) + wanted);
    when.it_value.tv_sec = static_cast<time_t>(since_boot.count() / 1'000'000);
    when.it_value.tv_nsec = static_cast<long>(since_boot.count() % 1'000'000) * 1000;
    if (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0) when.it_value.tv_nsec = 1;  // zero would disarm
  }
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

Result<gpio::Edges> SimulatedDrdy::drain() {
  const std::lock_guard lock{world_.mutex_};
  if (!timer_.is_open())
    return failure(Errc::bus_io, Remedy::reinitialise, "the simulated DRDY line got no timer from the kernel");
  std::uint64_t expirations = 0;
  while (::read(timer_.get(), &expirations, sizeof expirations) > 0) {
  }
  sweep(world_.sim_now());
  gpio::Edges edges;
  edges.count = std::exchange(pending_, 0);
  std::sort(stamps_.begin(), stamps_.end());  // each module added its own
  for (const auto at : stamps_) edges.fell.push_back(world_.began_ + std::chrono::floor<Microseconds>(at));
  stamps_.clear();
  armed_for_ = -never;  // whatever it was, it has been read
  refresh();
  return edges;
}

Result<bool> SimulatedDrdy::is_low() const {
  const std::lock_guard lock{world_.mutex_};
  const SimTime now = world_.sim_now();
  return std::any_of(sources_.begin(), sources_.end(), [&](const Source& source) {
    auto& module = *world_.modules_[source.module];
    module.advance(now);
    return module.line().is_alarmed || module.active(FaultKind::drdy_stuck, now);
  });
}

std::optional<BootTime> SimulatedDrdy::next_edge() {
  const std::lock_guard lock{world_.mutex_};
  const SimTime now = world_.sim_now();
  sweep(now);
  if (pending_ > 0) return world_.began_ + std::chrono::ceil<Microseconds>(oldest_pending_);
  const SimTime next = next_wake(now);
  if (next == never) return std::nullopt;
  return world_.began_ + std::chrono::ceil<Microseconds>(next);
}

}  // namespace rbamp::simulator
