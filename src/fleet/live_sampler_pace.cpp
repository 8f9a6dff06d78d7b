// LiveSampler's care for its bus: more than it carries is told.
#include <algorithm>

#include "fleet/live_sampler.hpp"

namespace rbamp::fleet {
namespace {

constexpr Microseconds window = std::chrono::milliseconds{200};  // protocol 1.1
// One read alone may have been disturbed, and the first one carries more than those that follow.
constexpr unsigned reads_to_know = 16;
constexpr unsigned reads_to_average = 32;
constexpr Microseconds between_judgements = std::chrono::seconds{1};

}  // namespace

void LiveSampler::note_duration(Slot& slot, Microseconds duration) {
  slot.reads_in_mean = std::min(slot.reads_in_mean + 1, reads_to_average);
  slot.mean_read += (duration - slot.mean_read) / static_cast<std::int64_t>(slot.reads_in_mean);
}

void LiveSampler::judge_budget(BootTime now) {
  if (now < next_judgement_) return;
  next_judgement_ = now + between_judgements;
  std::vector<BusBudget::Reader> readers;
  for (const auto& slot : slots_) {
    const auto every = slot.is_every_window ? window : show_every_;
    if (every == Microseconds::zero()) continue;
    readers.push_back({every, slot.reads_in_mean >= reads_to_know ? slot.mean_read : Microseconds::zero()});
  }
  if (budget_.judge(readers)) events_.overloaded(budget_.excess());
}

}  // namespace rbamp::fleet
