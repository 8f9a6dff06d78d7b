#include "metering/power_steps.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct Feed {
  PowerSteps steps;
  BootTime now{seconds{100}};

  explicit Feed(PowerSteps::Settings settings = {}) : steps(settings) {}
  std::vector<PowerStep> hold(double watts, Microseconds time, Microseconds every = seconds{1}) {
    std::vector<PowerStep> found;
    for (const BootTime end = now + time; now < end; now += every) {
      if (const auto step = steps.add(now, Watts{watts})) found.push_back(*step);
    }
    return found;
  }
};

}  // namespace

TEST_CASE("a kettle is told once when it is turned on and once when it is turned off, with its power") {
  Feed feed;
  CHECK(feed.hold(300, minutes{5}).empty());
  const auto on_at = feed.now;
  const auto on = feed.hold(2300, minutes{3});
  REQUIRE(on.size() == 1);
  CHECK(on[0].delta.value() == Approx(2000.0));
  CHECK(on[0].power.value() == Approx(2300.0));
  CHECK(on[0].average.value() == Approx(300.0));
  CHECK(on[0].at == on_at);
  const auto off = feed.hold(300, minutes{3});
  REQUIRE(off.size() == 1);
  CHECK(off[0].delta.value() == Approx(-2000.0).epsilon(0.01));
}

TEST_CASE("a single odd reading is no step") {
  Feed feed;
  (void)feed.hold(300, minutes{1});
  CHECK(feed.hold(9000, seconds{1}).empty());
  CHECK(feed.hold(300, minutes{2}).empty());
}

TEST_CASE("a load that toggles every ten seconds tells at most one step a minute") {
  Feed feed;
  (void)feed.hold(100, minutes{1});
  std::size_t told = 0;
  for (int i = 0; i < 60; ++i) told += feed.hold(i % 2 == 0 ? 2100 : 100, seconds{10}).size();
  CHECK(told >= 1);
  CHECK(told <= 10);
}

TEST_CASE("what was switched while nothing was told is told when the pause is over") {
  Feed feed;
  (void)feed.hold(100, minutes{1});
  REQUIRE(feed.hold(2100, seconds{20}).size() == 1);
  CHECK(feed.hold(4100, seconds{35}).empty());
  const auto later = feed.hold(4100, seconds{30});
  REQUIRE(later.size() == 1);
  CHECK(later[0].delta.value() == Approx(2000.0).epsilon(0.01));
}

TEST_CASE("slow changes and small ones are no steps") {
  Feed feed;
  (void)feed.hold(100, minutes{1});
  std::size_t told = 0;
  for (int i = 0; i < 600; ++i) told += feed.hold(100 + i * 5.0, seconds{1}).size();  // 3 kW in ten minutes
  CHECK(told == 0);
  CHECK(feed.hold(3900, minutes{1}).empty());
}

TEST_CASE("after an interruption the new level is where it begins") {
  Feed feed;
  (void)feed.hold(100, minutes{1});
  feed.now += minutes{10};
  CHECK(feed.hold(3000, minutes{1}).empty());
  feed.steps.restart();
  CHECK(feed.hold(9000, minutes{1}).empty());
}

TEST_CASE("readings every five seconds are enough") {
  Feed feed;
  (void)feed.hold(100, minutes{2}, seconds{5});
  CHECK(feed.hold(2100, minutes{2}, seconds{5}).size() == 1);
}
