#include "fleet/slow_turns.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using fleet::SlowTurns;
using std::chrono::milliseconds;

namespace {

BootTime at(Microseconds time) { return BootTime{time}; }

constexpr BootTime now{milliseconds{10'000}};

/// Reads of 5 ms that may be 85 ms late.
std::vector<SlowTurns::Planned> planned(std::initializer_list<int> times) {
  std::vector<SlowTurns::Planned> reads;
  for (const int time : times) reads.push_back({now + milliseconds{time}, milliseconds{5}, milliseconds{85}});
  return reads;
}

}  // namespace

TEST_CASE("a slow module may be asked again after ten times what its read took") {
  SlowTurns turns;
  turns.read(now, milliseconds{100}, {});
  CHECK(turns.next() == now + milliseconds{1000});
}

TEST_CASE(
    "on a bus that is nearly full a slow module takes a quarter of what the others leave, and a hundredth of the time at least") {
  SlowTurns turns;
  turns.read(now, milliseconds{100}, milliseconds{160});
  CHECK(turns.next() == now + milliseconds{2000});
  turns.read(now, milliseconds{100}, milliseconds{220});
  CHECK(turns.next() == now + milliseconds{10'000});
}

TEST_CASE("a slow read begins right behind the read after which the others wait least") {
  SlowTurns turns;
  turns.read(now - milliseconds{1500}, milliseconds{150}, {});
  CHECK(turns.choose(now, milliseconds{150}, planned({10, 20, 30, 150})) == now + milliseconds{35});
}

TEST_CASE("reads that were planned and done meanwhile come again a window later") {
  SlowTurns turns;
  turns.read(now - milliseconds{1500}, milliseconds{150}, {});
  CHECK(turns.choose(now, milliseconds{150}, planned({-190, -180, 30, 150})) == now + milliseconds{35});
}

TEST_CASE("a slow read waits while each instant would make another late, but not for ever") {
  SlowTurns turns;
  turns.read(now - milliseconds{1500}, milliseconds{150}, {});
  const auto crowded = planned({0, 40, 80, 120, 160});
  CHECK_FALSE(turns.choose(now, milliseconds{150}, crowded));
  CHECK(turns.next() == now + milliseconds{200});
  const auto latest = now - milliseconds{1500} + milliseconds{15'000};
  CHECK_FALSE(turns.choose(latest - milliseconds{50}, milliseconds{150}, crowded));
  CHECK(turns.next() == latest);
  CHECK(turns.choose(latest, milliseconds{150}, crowded));
}

TEST_CASE("a read that may not be late at all keeps the slow one from its time") {
  SlowTurns turns;
  turns.read(now - milliseconds{1000}, milliseconds{100}, {});
  auto others = planned({20, 110});
  CHECK(turns.choose(now, milliseconds{100}, others) == now + milliseconds{115});
  others[1].bearable = milliseconds{0};
  others[0].bearable = milliseconds{20};
  CHECK(turns.choose(now, milliseconds{60}, others) == now + milliseconds{25});
}

TEST_CASE("on a bus without others it is read at once") {
  SlowTurns turns;
  CHECK(turns.choose(now, milliseconds{300}, {}) == now);
  CHECK(turns.choose(at(milliseconds{1}), milliseconds{300}, {}) == at(milliseconds{1}));
}
