// LiveSampler's care for its bus: modules that are slow wait for their turn, and more than the bus carries is told.
#include <algorithm>
#include <utility>

#include "fleet/live_sampler.hpp"

#include "fleet/usual_window.hpp"

namespace rbamp::fleet {
namespace {

// One read alone may have been disturbed, and the first one carries more than those that follow.
constexpr unsigned reads_to_know = 16;
constexpr unsigned reads_to_average = 32;
// Asked again after 30 ms, and its answer may wait for the loop (Scheduler::leisure).
constexpr Microseconds until_met = std::chrono::milliseconds{50};
constexpr Microseconds between_judgements = std::chrono::seconds{1};

}  // namespace

bool LiveSampler::waits_for_turn(const Slot& slot) const { return slot.slowness.is_held_back() && slots_.size() > 1; }

/// The one that waits longest of those that are slow. Returns when to ask again, if no answer will come before.
std::optional<BootTime> LiveSampler::queue_slow_read(BootTime now) {
  Slot* next = nullptr;
  std::optional<BootTime> later;
  for (auto& slot : slots_) {
    if (!waits_for_turn(slot)) continue;
    if (slot.is_queued) return std::nullopt;
    const auto when = due(slot);
    if (!when) continue;
    const BootTime ready = std::max(*when, slow_turns_.next());
    if (ready > now) {
      later = later ? std::min(*later, ready) : ready;
    } else if (next == nullptr || slot.last_begun < next->last_begun) {
      next = &slot;
    }
  }
  if (next == nullptr) return later;
  if (events_.is_latching() && !slow_turns_.is_overdue(now)) return now + until_met;
  std::vector<SlowTurns::Planned> others;
  for (const auto& slot : slots_) {
    if (!slot.is_every_window || waits_for_turn(slot)) continue;
    if (slot.rhythm.is_meeting() && !slow_turns_.is_overdue(now)) return now + until_met;
    others.push_back({slot.rhythm.next_read(), slot.mean_read, slot.rhythm.leeway()});
  }
  const auto at = slow_turns_.choose(now, next->slowness.takes(), std::move(others));
  if (!at) return slow_turns_.next();
  next->is_turn = true;
  queue(*next, *at, std::nullopt);
  return std::nullopt;
}

void LiveSampler::note_pace(Slot& slot, const LiveAnswer& answer) {
  const bool others_are_quick = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& other) {
    return &other != &slot && other.slowness.is_quick() && other.last_begun > slot.last_begun;
  });
  slot.slowness.note(answer.duration, answer.needed, others_are_quick);
  slot.last_begun = answer.begun;
  slot.slowest = slot.slowness.is_slow() ? std::max(slot.slowest, slot.slowness.takes()) : Microseconds::zero();
  if (slot.slowness.is_held_back()) {
    Microseconds busy{};
    for (const auto& other : slots_) {
      if (other.is_every_window && !other.slowness.is_held_back()) busy += other.mean_read;
    }
    slow_turns_.read(answer.begun, slot.slowness.takes(), busy);
  }
  // One that does not answer at all is lost rather than slow.
  if (!answer.read || slot.slowness.is_slow() == slot.is_told_slow) return;
  slot.is_told_slow = slot.slowness.is_slow();
  slot.reads_in_mean = 0;
  events_.slow(*slot.module, slow_reads_of(*slot.module));
}

std::optional<Microseconds> LiveSampler::slow_reads_of(const Module& module) const {
  for (const auto& slot : slots_) {
    if (slot.module == &module && slot.is_told_slow) return slot.slowest;
  }
  return std::nullopt;
}

void LiveSampler::note_duration(Slot& slot, Microseconds duration) {
  if (slot.slowness.is_slow()) return;
  slot.reads_in_mean = std::min(slot.reads_in_mean + 1, reads_to_average);
  slot.mean_read += (duration - slot.mean_read) / static_cast<std::int64_t>(slot.reads_in_mean);
}

void LiveSampler::judge_budget(BootTime now) {
  if (now < next_judgement_) return;
  next_judgement_ = now + between_judgements;
  std::vector<BusBudget::Reader> readers;
  for (const auto& slot : slots_) {
    const auto every = slot.is_every_window ? usual_window : show_every_;
    if (slot.slowness.is_slow() || every == Microseconds::zero()) continue;
    readers.push_back({every, slot.reads_in_mean >= reads_to_know ? slot.mean_read : Microseconds::zero()});
  }
  if (budget_.judge(readers)) events_.overloaded(budget_.excess());
}

}  // namespace rbamp::fleet
