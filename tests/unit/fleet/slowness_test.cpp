#include "fleet/slowness.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using fleet::Slowness;
using std::chrono::milliseconds;

namespace {

constexpr Microseconds needed{10'680};  // 56 bytes at 50 kHz

void note(Slowness& slowness, Microseconds duration, int times, bool others_are_quick = true) {
  for (int i = 0; i < times; ++i) slowness.note(duration, needed, others_are_quick);
}

}  // namespace

TEST_CASE("a module whose reads take much longer than the wire needs is slow after five of them") {
  Slowness slowness;
  note(slowness, milliseconds{11}, 100);
  note(slowness, milliseconds{100}, 4);
  CHECK_FALSE(slowness.is_slow());
  note(slowness, milliseconds{100}, 1);
  CHECK(slowness.is_slow());
  CHECK(slowness.is_held_back());
  CHECK(slowness.takes() == milliseconds{100});
}

TEST_CASE("a repeated attempt, or a host that was busy for a moment, makes no module slow") {
  Slowness slowness;
  for (int i = 0; i < 100; ++i) {
    note(slowness, milliseconds{30}, 5);  // three attempts at 50 kHz are not much longer
    note(slowness, milliseconds{80}, 1);
  }
  CHECK_FALSE(slowness.is_slow());
}

TEST_CASE("a module that times out every third time is slow") {
  Slowness slowness;
  for (int i = 0; i < 20; ++i) {
    note(slowness, milliseconds{6}, 2);
    note(slowness, milliseconds{100}, 1);
  }
  CHECK(slowness.is_slow());
}

TEST_CASE("where the others are not quick either no module is slow") {
  Slowness slowness;
  note(slowness, milliseconds{100}, 1000, false);
  CHECK_FALSE(slowness.is_slow());
}

TEST_CASE("a module that is quick again is not held back after two reads, and called quick after fifty") {
  Slowness slowness;
  note(slowness, milliseconds{100}, 10);
  note(slowness, milliseconds{6}, 2);
  CHECK_FALSE(slowness.is_held_back());
  CHECK(slowness.is_slow());
  note(slowness, milliseconds{6}, 47);
  CHECK(slowness.is_slow());
  note(slowness, milliseconds{6}, 1);
  CHECK_FALSE(slowness.is_slow());
}

TEST_CASE("what a module needs for many short transfers is not held against it") {
  Slowness slowness;
  for (int i = 0; i < 20; ++i) slowness.note(milliseconds{90}, milliseconds{87}, true);
  CHECK_FALSE(slowness.is_slow());
}
