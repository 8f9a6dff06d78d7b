#include "fleet/live_sampler.hpp"

#include <algorithm>
#include <utility>

namespace rbamp::fleet {
namespace {

constexpr Microseconds window = std::chrono::milliseconds{200};  // protocol 1.1
// Room for latching, searching and repeated transfers.
constexpr Microseconds usable_window = std::chrono::milliseconds{180};
// How early a timer may fire for a read that is due a moment later: saves a wake-up when modules are due together.
constexpr Microseconds together = std::chrono::milliseconds{1};

}  // namespace

LiveSampler::Slot* LiveSampler::slot_of(const Module* module) {
  const auto it = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.module == module; });
  return it == slots_.end() ? nullptr : &*it;
}

void LiveSampler::set_modules(const std::vector<Module*>& modules) {
  const BootTime now = context_.scheduler.clock().boot_now();
  std::vector<Slot> slots;
  for (auto* module : modules) {
    if (auto* known = slot_of(module); known != nullptr) {
      slots.push_back(std::move(*known));
      slots.back().is_every_window = module->wants_every_window();
      known->module = nullptr;
      continue;
    }
    Slot slot;
    slot.module = module;
    slot.is_every_window = module->wants_every_window();
    slot.rhythm.begin(now);
    slot.is_wanted = show_every_ > Microseconds::zero();
    slots.push_back(std::move(slot));
  }
  for (const auto& gone : slots_) {
    if (gone.module == nullptr) continue;
    past_.seen += gone.rhythm.seen();
    past_.missed += gone.rhythm.missed();
  }
  slots_ = std::move(slots);
  is_overloaded_ = false;
  tell_edges();
  schedule();
}

void LiveSampler::set_show_every(Microseconds show_every) {
  show_every_ = show_every;
  for (auto& slot : slots_) slot.next_show = context_.scheduler.clock().boot_now();
  schedule();
}

LiveSampler::Windows LiveSampler::windows() const {
  Windows sum = past_;
  for (const auto& slot : slots_) {
    if (!slot.is_every_window) continue;
    sum.seen += slot.rhythm.seen();
    sum.missed += slot.rhythm.missed();
  }
  return sum;
}

LiveSampler::Windows LiveSampler::windows_of(const Module& module) const {
  for (const auto& slot : slots_) {
    if (slot.module == &module) return {slot.rhythm.seen(), slot.rhythm.missed()};
  }
  return {};
}

std::optional<BootTime> LiveSampler::due(const Slot& slot) const {
  std::optional<BootTime> when;
  if (slot.is_every_window) when = slot.rhythm.due();
  if (slot.is_wanted || show_every_ > Microseconds::zero()) {
    const BootTime show = slot.is_wanted ? BootTime{} : slot.next_show;
    // Where every window is read anyway, the reading to show is the next of those.
    if (!when) when = slot.failures > 0 ? std::max(show, slot.rhythm.due()) : show;
  }
  return when;
}

void LiveSampler::schedule() {
  if (is_busy_) return;
  std::optional<BootTime> next;
  for (const auto& slot : slots_) {
    if (const auto when = due(slot)) next = next ? std::min(*next, *when) : *when;
  }
  if (!next) {
    timer_.cancel();
  } else if (timer_.is_set()) {
    timer_.move_to(*next);
  } else {
    timer_ = context_.scheduler.call_at(*next, [this] { read_next(); });
  }
}

LineOwner LiveSampler::line_of(const Slot& slot) const {
  const auto address = slot.module->address();
  const bool has_own = std::find(own_lines_.begin(), own_lines_.end(), address) != own_lines_.end();
  return has_own ? LineOwner{address} : std::nullopt;
}

void LiveSampler::follow_edges(LineOwner line, bool yes) {
  if (yes) {
    followed_.insert(line);
  } else {
    followed_.erase(line);
  }
  tell_edges();
  schedule();
}

void LiveSampler::tell_edges() {
  using Edges = WindowRhythm::Edges;
  const auto sharing = std::count_if(slots_.begin(), slots_.end(), [this](const Slot& slot) { return !line_of(slot); });
  for (auto& slot : slots_) {
    const auto line = line_of(slot);
    const Edges edges = !followed_.contains(line) ? Edges::none : line || sharing == 1 ? Edges::own : Edges::shared;
    slot.rhythm.follow(edges);
  }
}

void LiveSampler::edge(LineOwner line, BootTime fell) {
  bool any = false;
  for (auto& slot : slots_) {
    if (slot.is_every_window && slot.failures == 0 && line_of(slot) == line) any = slot.rhythm.edge(fell) || any;
  }
  if (any && !unread_edge_) unread_edge_ = fell;
  if (any && !is_busy_) read_next();
}

void LiveSampler::read_next() {
  if (is_busy_) return;
  const BootTime now = context_.scheduler.clock().boot_now();
  // The one that waits longest: when the bus cannot carry all, each still gets its share.
  Slot* turn = nullptr;
  for (auto& slot : slots_) {
    const auto when = due(slot);
    if (when && *when <= now + together && (turn == nullptr || *when < *due(*turn))) turn = &slot;
  }
  if (turn == nullptr) {
    schedule();
    return;
  }
  is_busy_ = true;
  const bool show = turn->is_wanted || (show_every_ > Microseconds::zero() && now + window / 2 >= turn->next_show);
  auto extra = Extra::none;
  if (show && show_every_ > Microseconds::zero()) {
    extra = turn->reactive_is_next ? Extra::reactive_power : Extra::frequency;
    turn->reactive_is_next = !turn->reactive_is_next;
  }
  // One that does not answer shall not hold up the others with repeated attempts.
  const auto effort = turn->failures == 0 ? Effort::steady : Effort::once;
  struct Timed {
    Result<LiveRead> read;
    BootTime begun;
    Microseconds duration;
  };
  context_.run(
      alive_,
      [address = turn->module->address(), dialect = turn->module->dialect(), extra, effort](BusStation& bus) {
        const BootTime begun = bus.clock().boot_now();
        auto read = read_live(bus, address, dialect, extra, effort);
        return Timed{std::move(read), begun, bus.clock().boot_now() - begun};
      },
      [this, module = turn->module, show, edge = std::exchange(unread_edge_, std::nullopt)](const Timed& timed) {
        is_busy_ = false;
        if (edge) edge_latency_.add(timed.begun - *edge);
        // Modules may have come and gone meanwhile.
        if (auto* slot = slot_of(module); slot != nullptr) {
          if (timed.read) {
            answered(*slot, *timed.read, timed.duration, show);
          } else {
            failed(*slot, timed.read.error(), timed.begun);
          }
        }
        read_next();
      });
}

void LiveSampler::answered(Slot& slot, const LiveRead& read, Microseconds duration, bool show) {
  slot.failures = 0;
  const bool changed = !slot.last || *slot.last != read.bytes;
  slot.last = read.bytes;
  if (read.reactive) slot.reactive = read.reactive;
  if (read.frequency) slot.frequency = read.frequency;
  Module& module = *slot.module;
  module.last_window = read.at;
  if (slot.is_every_window) {
    note_load(duration);
    if (slot.rhythm.answered(read.at, changed) != WindowRhythm::Look::early) module.integrate(read, context_.voltages);
  }
  if (show) {
    slot.is_wanted = false;
    slot.next_show = read.at + show_every_;
    auto shown = read;
    shown.reactive = slot.reactive;
    shown.frequency = slot.frequency;
    events_.reading(module, shown);
  }
  events_.cycle(module, nullptr);  // last: it may change the modules
}

void LiveSampler::failed(Slot& slot, const Error& error, BootTime at) const {
  ++slot.failures;
  slot.rhythm.failed(at, slot.failures);
  events_.cycle(*slot.module, &error);
}

void LiveSampler::note_load(Microseconds duration) {
  mean_read_ = mean_read_ == Microseconds::zero() ? duration : (mean_read_ * 15 + duration) / 16;
  const auto wanted = static_cast<std::size_t>(
      std::count_if(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.is_every_window; }));
  if (is_overloaded_ || mean_read_ * static_cast<std::int64_t>(wanted) <= usable_window) return;
  is_overloaded_ = true;
  events_.overloaded(wanted, mean_read_);
}

}  // namespace rbamp::fleet
