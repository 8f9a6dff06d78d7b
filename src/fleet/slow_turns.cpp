#include "fleet/slow_turns.hpp"

#include <algorithm>

#include "fleet/usual_window.hpp"

namespace rbamp::fleet {
namespace {

// So many times as long as its read took the bus is left to the others, as long as none loses a window; and so many times at most.
constexpr std::int64_t shortest_rest = 10;
constexpr std::int64_t longest_rest = 100;
// Of the time that the others leave; they need the rest of it to catch up.
constexpr std::int64_t share_of_idle = 4;
/// How much later than it may be one of the others is, at worst, when a read takes the bus from `begin` on for `takes`. Below zero: none.
Microseconds harm(const std::vector<SlowTurns::Planned>& others, BootTime begin, Microseconds takes) {
  Microseconds worst = -usual_window;
  BootTime is_free = begin + takes;
  for (const auto& other : others) {
    if (other.at < begin) continue;
    if (other.at >= is_free) break;
    worst = std::max(worst, Microseconds{is_free - other.at} - other.bearable);
    is_free += other.takes;
  }
  return worst;
}

}  // namespace

void SlowTurns::read(BootTime begun, Microseconds took, Microseconds busy) {
  const auto idle = std::max(usual_window - busy, Microseconds{1});
  next_ = begun + took * std::clamp(share_of_idle * usual_window / idle, shortest_rest, longest_rest);
  latest_ = begun + took * longest_rest;
}

std::optional<BootTime> SlowTurns::choose(BootTime now, Microseconds takes, std::vector<Planned> others) {
  for (auto& other : others) {
    // Answers come several at a time, so what is planned may have been read already.
    if (other.at < now) other.at += ((now - other.at) / usual_window + 1) * usual_window;
    other.at -= (other.at - now) / usual_window * usual_window;
  }
  const auto count = others.size();
  others.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) others.push_back({others[i].at + usual_window, others[i].takes, others[i].bearable});
  std::ranges::sort(others, {}, &Planned::at);
  BootTime best = now;
  Microseconds least = harm(others, best, takes);
  for (std::size_t i = 0; i < count; ++i) {
    const BootTime begin = others[i].at + others[i].takes;
    const auto done = harm(others, begin, takes);
    if (done >= least) continue;
    best = begin;
    least = done;
  }
  if (least <= Microseconds::zero() || is_overdue(now)) return best;
  next_ = std::min(now + usual_window, latest_);
  return std::nullopt;
}

}  // namespace rbamp::fleet
