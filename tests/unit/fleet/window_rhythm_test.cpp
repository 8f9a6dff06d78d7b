#include "fleet/window_rhythm.hpp"

#include <algorithm>
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

TEST_CASE("the first look at a new window that the bus kept waiting misses none, and counts for when it was due") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.answered(at(milliseconds{0}), true);
  CHECK(rhythm.answered(at(milliseconds{198}), false) == WindowRhythm::Look::early);
  CHECK(rhythm.is_meeting());
  CHECK(rhythm.answered(at(milliseconds{310}), true) == WindowRhythm::Look::fresh);  // due at 228
  CHECK_FALSE(rhythm.is_meeting());
  CHECK(rhythm.missed() == 0);
  CHECK(rhythm.counted_at() == at(milliseconds{228}));
  CHECK(rhythm.due() == at(milliseconds{488}));
  CHECK(rhythm.leeway() == milliseconds{25});  // a window and a half after 228, and some room
}

TEST_CASE("reads out of step count the windows between them, and say nothing of the rhythm") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  for (int i = 0; i < 200; ++i) rhythm.answered_alone(at(milliseconds{1030 * i}));
  CHECK(rhythm.seen() == 200);
  CHECK(rhythm.seen() + rhythm.missed() == Approx(1 + 199 * 5.15).margin(3));
  CHECK(rhythm.window() == milliseconds{200});
  CHECK_FALSE(rhythm.is_meeting());
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

TEST_CASE("a module that has its line for itself is read at each edge, also while nothing changes") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.follow(WindowRhythm::Edges::own);
  for (int window = 0; window < 50; ++window) {
    const BootTime fell = at(milliseconds{200 * window});
    CHECK(rhythm.edge(fell));
    CHECK(rhythm.due() == fell);
    CHECK_FALSE(rhythm.edge(fell + milliseconds{2}));  // a slow edge comes twice
    CHECK(rhythm.answered(fell + milliseconds{3}, window % 7 == 0) != WindowRhythm::Look::early);
  }
  CHECK(rhythm.seen() == 50);
  CHECK(rhythm.missed() == 0);
}

TEST_CASE("an edge that does not come is replaced by the clock before the next window ends") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.follow(WindowRhythm::Edges::own);
  rhythm.edge(at(milliseconds{0}));
  rhythm.answered(at(milliseconds{0}), true);
  CHECK(rhythm.due() == at(milliseconds{270}));
}

namespace {

struct SharedLine {
  std::vector<Source> sources;
  std::vector<WindowRhythm> rhythms;
  std::vector<std::int64_t> last;
  std::vector<std::int64_t> first;
  std::vector<Outcome> outcomes;
  std::size_t prompt = 0;  ///< reads that began at an edge, or right after the transfers that ran then

  explicit SharedLine(std::vector<Source> modules) : sources(std::move(modules)), rhythms(sources.size()) {
    last.assign(sources.size(), -1);
    first.assign(sources.size(), -1);
    outcomes.resize(sources.size());
  }

  /// A bus with transfers of 5.4 ms; edges of all modules on one line.
  void run(Microseconds duration) {
    constexpr Microseconds transfer{5'400};
    BootTime now = at(Microseconds{1'000'000});
    const BootTime end = now + duration;
    for (auto& rhythm : rhythms) {
      rhythm.begin(now);
      rhythm.follow(WindowRhythm::Edges::shared);
    }
    BootTime looked = now;
    while (now < end) {
      for (const auto& fell : edges_between(looked, now)) {
        for (auto& rhythm : rhythms) rhythm.edge(fell);
      }
      looked = now;
      std::size_t turn = 0;
      for (std::size_t i = 1; i < rhythms.size(); ++i)
        if (rhythms[i].due() < rhythms[turn].due()) turn = i;
      if (rhythms[turn].due() > now) {
        now = std::min(rhythms[turn].due(), next_edge(now));
        continue;
      }
      look(turn, now, now - rhythms[turn].due() <= transfer * 3);
      now += transfer;
    }
    for (std::size_t i = 0; i < sources.size(); ++i) outcomes[i].passed = last[i] - first[i] + 1;
  }

 private:
  [[nodiscard]] std::vector<BootTime> edges_between(BootTime from, BootTime to) const {
    std::vector<BootTime> edges;
    for (const auto& source : sources) {
      const auto number = source.window_at(to);
      const BootTime fell = at(source.phase + source.window * number);
      if (fell > from && fell <= to) edges.push_back(fell);
    }
    std::sort(edges.begin(), edges.end());
    return edges;
  }
  [[nodiscard]] BootTime next_edge(BootTime now) const {
    BootTime next = now + milliseconds{500};
    for (const auto& source : sources) next = std::min(next, at(source.phase + source.window * (source.window_at(now) + 1)));
    return next;
  }
  void look(std::size_t i, BootTime now, bool is_prompt) {
    const auto number = sources[i].window_at(now);
    auto& outcome = outcomes[i];
    ++outcome.transfers;
    prompt += is_prompt ? 1U : 0U;
    const bool changed = last[i] < 0 || (number != last[i] && !sources[i].is_constant);
    if (rhythms[i].answered(now, changed) == WindowRhythm::Look::early) return;
    ++outcome.counted;
    if (first[i] < 0) {
      first[i] = number;
    } else if (number == last[i]) {
      ++outcome.twice;
    } else {
      outcome.skipped += number - last[i] - 1;
    }
    last[i] = number;
  }
};

}  // namespace

TEST_CASE("modules that share a line find their own edges, and each of their windows is read once") {
  const auto count = GENERATE(2, 3, 8);
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  std::mt19937 random{seed};
  std::vector<Source> sources;
  for (int i = 0; i < count; ++i) {
    sources.push_back({Microseconds{std::uniform_int_distribution<std::int64_t>{199'200, 200'000}(random)},
                       Microseconds{std::uniform_int_distribution<std::int64_t>{0, 199'000}(random)}, false});
  }
  SharedLine line{sources};
  line.run(std::chrono::minutes{20});
  std::int64_t passed = 0;
  std::int64_t twice = 0;
  std::int64_t skipped = 0;
  std::int64_t transfers = 0;
  for (const auto& outcome : line.outcomes) {
    passed += outcome.passed;
    twice += outcome.twice;
    skipped += outcome.skipped;
    transfers += outcome.transfers;
  }
  INFO(count << " modules, seed " << seed << ": " << twice << " twice, " << skipped << " skipped of " << passed << " in "
             << transfers << " transfers, " << line.prompt << " of them prompt");
  CHECK(skipped == 0);
  CHECK(twice == 0);
  CHECK(transfers <= passed * 106 / 100);
  CHECK(line.prompt >= static_cast<std::size_t>(passed) * 9 / 10);
}

TEST_CASE("a constant load on a shared line is counted at every window by the clock") {
  SharedLine line{{{Microseconds{200'000}, Microseconds{0}, true}, {Microseconds{199'600}, Microseconds{90'000}, false}}};
  line.run(std::chrono::minutes{5});
  CHECK(line.rhythms[0].missed() == 0);
  CHECK(line.rhythms[0].seen() >= 1490);
  CHECK(line.rhythms[1].missed() == 0);
}

TEST_CASE("reads 250 ms apart miss a window in five, and that is counted, though no step is two windows long") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  for (int i = 0; i < 1000; ++i) (void)rhythm.answered(at(milliseconds{250} * i), true);
  CHECK(rhythm.missed() >= 245);
  CHECK(rhythm.missed() <= 255);
}

TEST_CASE("reads that are late and then early miss nothing") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  for (int i = 0; i < 1000; ++i) (void)rhythm.answered(at(milliseconds{200} * i + milliseconds{i % 2 == 0 ? 0 : 70}), true);
  CHECK(rhythm.missed() == 0);
}

TEST_CASE("a load that stays as it is for a second at a time hides no window, so none of them is counted as missed") {
  const auto windows_alike = GENERATE(2, 3, 5, 7, 8, 20);
  const auto window = GENERATE(199'200, 200'000);
  INFO(windows_alike << " windows of " << window << " us");
  WindowRhythm rhythm;
  const Source source{Microseconds{window}};
  BootTime now = at(Microseconds{1'000'000});
  const BootTime end = now + std::chrono::minutes{10};
  rhythm.begin(now);
  std::int64_t value = -1;
  std::int64_t looked_at = source.window_at(now) - 1;
  std::int64_t never_looked_at = 0;
  for (; now < end; now = std::max(now, rhythm.due())) {
    const auto number = source.window_at(now);
    never_looked_at += std::max<std::int64_t>(number - looked_at - 1, 0);
    looked_at = number;
    const auto shown = number / windows_alike;
    (void)rhythm.answered(now, std::exchange(value, shown) != shown);
  }
  CHECK(never_looked_at == 0);
  CHECK(rhythm.missed() == 0);
}

namespace {

/// Reads that now and then wait for the bus, by up to `longest`.
struct Waits {
  explicit Waits(unsigned seed, Microseconds longest) : random{seed}, how_long{0, longest.count()} {}  // NOLINT: reproducible
  Microseconds operator()() { return Microseconds{how_often(random) ? how_long(random) : 0}; }
  std::mt19937 random;
  std::bernoulli_distribution how_often{0.05};
  std::uniform_int_distribution<std::int64_t> how_long;
};

}  // namespace

TEST_CASE("by edges a read that waited for the bus misses only the windows that ended meanwhile") {
  const auto seed = GENERATE(range(1U, 20U));
  const auto longest = GENERATE(90, 130, 190, 390);
  CAPTURE(seed, longest);
  const Source source{Microseconds{199'700}};
  Waits waits{seed, milliseconds{longest}};
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.follow(WindowRhythm::Edges::own);
  std::uint64_t skipped = 0;
  std::uint64_t too_close_to_tell = 0;  // to the next window
  std::int64_t last = -1;
  for (std::int64_t window = 0; window < 3000;) {
    const BootTime fell = at(source.window * window);
    CHECK(rhythm.edge(fell));
    const BootTime read = fell + Microseconds{200} + waits();
    const auto number = source.window_at(read);
    for (auto next = window + 1; next <= number; ++next) rhythm.edge(at(source.window * next));
    (void)rhythm.answered(read, true);
    skipped += static_cast<std::uint64_t>(number - last - 1);
    if (at(source.window * (number + 1)) - read <= milliseconds{5}) ++too_close_to_tell;
    last = number;
    window = number + 1;
  }
  CHECK(rhythm.missed() >= skipped);
  CHECK(rhythm.missed() <= skipped + too_close_to_tell);
}

TEST_CASE("a window that is read late counts for when it began, so that its neighbours get their true length") {
  WindowRhythm rhythm;
  rhythm.begin(at(Microseconds{0}));
  rhythm.follow(WindowRhythm::Edges::own);
  for (int window = 0; window < 5; ++window) {
    const BootTime fell = at(milliseconds{200 * window});
    rhythm.edge(fell);
    (void)rhythm.answered(fell + milliseconds{window == 3 ? 150 : 1}, true);
    CHECK(rhythm.counted_at() == fell);
  }
  CHECK(rhythm.missed() == 0);
}

TEST_CASE("by the clock a read that waited for the bus misses hardly more than the windows that ended meanwhile") {
  const auto longest = GENERATE(90, 130, 190);
  const Source source{Microseconds{199'700}};
  std::uint64_t windows = 0;
  std::uint64_t skipped = 0;
  std::uint64_t missed = 0;
  for (unsigned seed = 1; seed < 20; ++seed) {
    Waits waits{seed, milliseconds{longest}};
    WindowRhythm rhythm;
    BootTime now = at(milliseconds{70});
    rhythm.begin(now);
    std::int64_t last = source.window_at(now) - 1;
    while (now < at(std::chrono::minutes{10})) {
      now = std::max(now, rhythm.due()) + waits();
      const auto number = source.window_at(now);
      (void)rhythm.answered(now, number != last);
      skipped += static_cast<std::uint64_t>(std::max<std::int64_t>(number - last - 1, 0));
      last = number;
    }
    missed += rhythm.missed();
    windows += static_cast<std::uint64_t>(last);
  }
  CAPTURE(longest, windows, skipped, missed);
  CHECK(missed >= skipped);
  CHECK(missed <= skipped + windows / 250);
  if (longest <= 90) CHECK(skipped == 0);
}
