#include "fleet/live_sampler.hpp"

#include <algorithm>
#include <utility>

#include "fleet/usual_window.hpp"

namespace rbamp::fleet {

LiveSampler::LiveSampler(BusContext context, Microseconds show_every, Events events)
    : context_(context),
      show_every_(show_every),
      events_(std::move(events)),
      desk_(new Desk{context.station,
                     context.scheduler,
                     [this, guard = alive_.guard()](const LiveAnswer& answer) {
                       if (!guard.expired()) arrived(answer);
                     },
                     {},
                     {}}) {}

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
  tell_edges();
  replan();
}

void LiveSampler::stop() {
  is_stopped_ = true;
  withdraw();
}

void LiveSampler::set_show_every(Microseconds show_every) {
  show_every_ = show_every;
  for (auto& slot : slots_) slot.next_show = context_.scheduler.clock().boot_now();
  replan();
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

/// What is queued and has not begun is not read any more.
void LiveSampler::withdraw() {
  desk_->plan.fetch_add(1);
  desk_->edge_reads.clear();
  for (auto& slot : slots_) slot.is_queued = slot.waits_for_edge = slot.is_turn = false;
  timer_.cancel();
}

void LiveSampler::replan() {
  withdraw();
  queue_reads();
}

void LiveSampler::queue_reads() {
  if (is_stopped_) return;
  const BootTime now = context_.scheduler.clock().boot_now();
  std::optional<BootTime> overdue;
  for (auto& slot : slots_) {
    if (slot.is_queued || waits_for_turn(slot)) continue;
    const auto when = due(slot);
    if (!when) continue;
    if (slot.rhythm.is_paced_by_edges() && *when > now) {
      overdue = overdue ? std::min(*overdue, *when) : *when;
      if (slot.is_every_window && slot.failures == 0 && !slot.waits_for_edge) leave_for_edge(slot);
    } else if (take_back(slot)) {
      queue(slot, *when, std::nullopt);
    }
  }
  if (const auto turn = queue_slow_read(now)) overdue = overdue ? std::min(*overdue, *turn) : *turn;
  wake_at(overdue);
}

/// Moved on with each answer: while edges come, the loop is not woken for those that do not.
void LiveSampler::wake_at(std::optional<BootTime> when) {
  if (!when) {
    timer_.cancel();
  } else if (!timer_.is_set()) {
    timer_ = context_.scheduler.call_at(*when, [this] { queue_reads(); });
  } else if (*when != timer_at_) {
    timer_.move_to(*when);
  }
  timer_at_ = when.value_or(BootTime{});
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
  replan();
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

std::function<void(LineOwner, const std::vector<BootTime>&)> LiveSampler::edge_reader() {
  return [desk = desk_](LineOwner line, const std::vector<BootTime>& edges) {
    for (const auto fell : edges) {
      for (const auto& order : desk->edge_reads.take(line, fell)) read(desk, order, fell);
    }
  };
}

void LiveSampler::edge(LineOwner line, BootTime fell) {
  for (auto& slot : slots_) {
    if (!slot.is_every_window || slot.failures > 0 || line_of(slot) != line || !slot.rhythm.edge(fell)) continue;
    // One that the worker was not prepared for, or took for another's.
    if (!slot.is_queued && !waits_for_turn(slot) && !is_stopped_ && take_back(slot)) queue(slot, fell, fell);
  }
}

/// False: the worker has begun what was left with it, and will answer.
bool LiveSampler::take_back(Slot& slot) {
  if (!std::exchange(slot.waits_for_edge, false) || desk_->edge_reads.take_back(slot.module)) return true;
  slot.is_queued = true;
  return false;
}

LiveOrder LiveSampler::order(Slot& slot, BootTime when) {
  LiveOrder order{slot.module, slot.module->address(), slot.module->dialect(), slot.last, Extra::none, Effort::timely, false,
                  desk_->plan};
  order.show = slot.is_wanted || (show_every_ > Microseconds::zero() && when + usual_window / 2 >= slot.next_show);
  if (order.show && show_every_ > Microseconds::zero()) {
    order.extra = slot.reactive_is_next ? Extra::reactive_power : Extra::frequency;
    slot.reactive_is_next = !slot.reactive_is_next;
  }
  // One that does not answer shall not hold up the others with repeated attempts.
  if (slot.failures > 0) order.effort = Effort::once;
  return order;
}

void LiveSampler::queue(Slot& slot, BootTime when, std::optional<BootTime> edge) {
  slot.is_queued = true;
  context_.executor.run_at(when, [desk = desk_, order = order(slot, when), edge] { read(desk, order, edge); });
}

void LiveSampler::leave_for_edge(Slot& slot) {
  slot.waits_for_edge = true;
  const auto& pattern = slot.rhythm.pattern();
  desk_->edge_reads.add(line_of(slot), pattern, order(slot, *pattern.last + pattern.window));
}

/// On the worker.
void LiveSampler::read(const std::shared_ptr<Desk>& desk, const LiveOrder& order, std::optional<BootTime> edge) {
  if (desk->plan != order.plan) return;
  auto answer = carry_out(desk->bus, order, edge);
  // A new window is in no hurry: the next one is 200 ms away. The same bytes again make the rhythm ask again soon.
  const bool is_new = answer.is_new;
  auto tell = [desk, answer = std::move(answer)] { desk->answer(answer); };
  is_new ? desk->loop.post_later(std::move(tell)) : desk->loop.post(std::move(tell));
}

void LiveSampler::arrived(const LiveAnswer& answer) {
  if (answer.edge) edge_latency_.add(answer.begun - *answer.edge);
  // Modules may have come and gone meanwhile.
  if (auto* slot = slot_of(answer.module); slot != nullptr) {
    if (answer.plan == desk_->plan) slot->is_queued = slot->waits_for_edge = false;
    note_pace(*slot, answer);
    if (answer.read) {
      answered(*slot, *answer.read, answer.duration, answer.show);
    } else {
      failed(*slot, answer.read.error(), answer.begun);
    }
  }
  queue_reads();
}

void LiveSampler::answered(Slot& slot, const LiveRead& read, Microseconds duration, bool show) {
  slot.failures = 0;
  note_duration(slot, duration);
  judge_budget(read.at);
  const bool changed = !slot.last || *slot.last != read.bytes;
  slot.last = read.bytes;
  if (read.reactive) slot.reactive = read.reactive;
  if (read.frequency) slot.frequency = read.frequency;
  Module& module = *slot.module;
  module.last_window = read.at;
  if (slot.is_every_window) {
    bool is_early = false;
    const auto missed = slot.rhythm.missed();
    if (!std::exchange(slot.is_turn, false)) {
      is_early = slot.rhythm.answered(read.at, changed) == WindowRhythm::Look::early;
    } else {
      slot.rhythm.answered_alone(read.at);
    }
    if (!is_early) {
      auto counted = read;
      counted.at = slot.rhythm.counted_at();
      module.integrate(counted, context_.voltages, slot.rhythm.missed() > missed);
    }
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
  slot.is_turn = false;
  slot.rhythm.failed(at, slot.failures);
  events_.cycle(*slot.module, &error);
}

}  // namespace rbamp::fleet
