#include "fleet/window_rhythm.hpp"

#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace rbamp;
using fleet::WindowRhythm;
using std::chrono::milliseconds;

namespace {

BootTime at(Microseconds time) { return BootTime{time}; }

/// A module that replaces its values every `window`, first at `phase`; every window has a number of its own.
struct Source {
  Microseconds window{200'000};
  Microseconds phase{0};
  bool is_constant = false;

  [[nodiscard]] std::int64_t window_at(BootTime when) const { return (when.time_since_epoch() - phase) / window; }
};

struct Outcome {
  std::int64_t counted = 0;  ///< windows that were integrated
  std::int64_t twice = 0;    ///< of them, the same one again
  std::int64_t skipped = 0;  ///< never read
  std::int64_t transfers = 0;
  std::int64_t passed = 0;
};

/// Reads as LiveSampler does, each transfer delayed by up to `jitter`.
Outcome live(WindowRhythm& rhythm, const Source& source, Microseconds duration, Microseconds jitter, unsigned seed = 1) {
  std::mt19937 random{seed};  // NOLINT: reproducible on purpose
  std::uniform_int_distribution<std::int64_t> late{0, jitter.count()};
  Outcome outcome;
  BootTime now = at(Microseconds{1'000'000});
  const BootTime end = now + duration;
  rhythm.begin(now);
  std::int64_t last = -1;
  std::int64_t first = -1;
  while (rhythm.due() < end) {
    now = std::max(now, rhythm.due()) + Microseconds{late(random)};
    const auto number = source.window_at(now);
    ++outcome.transfers;
    const bool changed = last < 0 || (number != last && !source.is_constant);
    const auto look = rhythm.answered(now, changed);
    if (look == WindowRhythm::Look::early) continue;
    ++outcome.counted;
    if (first < 0) {
      first = number;
    } else if (number == last) {
      ++outcome.twice;
    } else {
      outcome.skipped += number - last - 1;
    }
    last = number;
  }
  outcome.passed = last - first + 1;
  return outcome;
}

}  // namespace

TEST_CASE("every window is read once, whatever its length, its phase and the delays of the bus") {
  const auto window = GENERATE(198'400, 199'200, 199'990, 200'000, 200'013, 201'000, 204'000);
  const auto phase = GENERATE(0, 1'000, 60'000, 100'000, 199'000);
  const auto jitter = GENERATE(0, 5'000, 20'000);
  WindowRhythm rhythm;
  const auto outcome = live(rhythm, {Microseconds{window}, Microseconds{phase}}, std::chrono::minutes{10}, Microseconds{jitter});
  INFO("window " << window << ", phase " << phase << ", jitter " << jitter << ": " << outcome.twice << " twice, "
                 << outcome.skipped << " skipped of " << outcome.passed << " in " << outcome.transfers << " transfers");
  CHECK(outcome.skipped == 0);
  CHECK(outcome.twice == 0);
  CHECK(outcome.transfers <= outcome.passed * 105 / 100);
}

TEST_CASE("the length of the module's window is measured") {
  WindowRhythm rhythm;
  live(rhythm, {Microseconds{199'200}, Microseconds{70'000}}, std::chrono::minutes{10}, milliseconds{2});
  CHECK(std::abs(rhythm.window().count() - 199'200) < 400);
}

TEST_CASE("a constant load is counted at every window, and asked for once each") {
  WindowRhythm rhythm;
  const auto outcome = live(rhythm, {Microseconds{200'000}, Microseconds{0}, true}, std::chrono::minutes{1}, Microseconds{0});
  CHECK(outcome.transfers - outcome.counted <= 3);
  CHECK(outcome.counted >= 298);
  CHECK(rhythm.missed() == 0);
}

TEST_CASE("windows that pass while the bus is away are known as missed") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.answered(at(milliseconds{0}), true);
  rhythm.answered(at(milliseconds{1000}), true);
  CHECK(rhythm.missed() == 4);
  CHECK(rhythm.seen() == 2);
}

TEST_CASE("a module that keeps failing is asked less often, down to once a second") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.failed(at(milliseconds{0}), 1);
  CHECK(rhythm.due() == at(milliseconds{200}));
  rhythm.failed(at(milliseconds{200}), 4);
  CHECK(rhythm.due() == at(milliseconds{1000}));
  rhythm.failed(at(milliseconds{1000}), 1000);
  CHECK(rhythm.due() == at(milliseconds{2000}));
}

TEST_CASE("with edges a module is read at its own and not at those of its neighbours on the line") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.follow_edges(true);
  rhythm.answered(at(milliseconds{0}), true);
  CHECK_FALSE(rhythm.edge(at(milliseconds{70})));
  CHECK_FALSE(rhythm.edge(at(milliseconds{130})));
  CHECK(rhythm.edge(at(milliseconds{200})));
  CHECK(rhythm.due() == at(milliseconds{200}));
}

TEST_CASE("an edge that does not come is replaced by the clock before the next window ends") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.follow_edges(true);
  rhythm.answered(at(milliseconds{0}), true);
  CHECK(rhythm.due() == at(milliseconds{250}));
}
