#include "metering/ruler_check.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::minutes;

namespace {

/// One hour of one kilowatt by the average, in minutes; how many new drifts were told.
int hour_of(RulerCheck& check, double ratio) {
  int told = 0;
  for (int i = 0; i < 60; ++i) {
    const auto verdict = check.add(minutes{1}, WattHours{1000.0 / 60.0}, WattHours{ratio * 1000.0 / 60.0});
    if (verdict && verdict->is_new_drift) ++told;
  }
  return told;
}

}  // namespace

TEST_CASE("rulers that agree within two percent say nothing, and the ratio is known") {
  RulerCheck check;
  CHECK_FALSE(check.ratio());
  CHECK(hour_of(check, 1.015) == 0);
  CHECK(check.ratio() == Approx(1.015));
}

TEST_CASE("a drift is told once, and again only after the rulers agreed") {
  RulerCheck check;
  CHECK(hour_of(check, 1.05) == 1);
  CHECK(hour_of(check, 1.06) == 0);
  CHECK(hour_of(check, 1.0) == 0);
  CHECK(hour_of(check, 0.9) == 1);
}

TEST_CASE("an hour of almost no energy proves nothing") {
  RulerCheck check;
  for (int i = 0; i < 120; ++i) CHECK_FALSE(check.add(minutes{1}, WattHours{0.1}, WattHours{0.2}));
  CHECK_FALSE(check.ratio());
}

TEST_CASE("each period has a ratio of its own at once, unless it held almost no energy") {
  RulerCheck check;
  (void)check.add(minutes{1}, WattHours{1.0}, WattHours{1.1});
  CHECK(check.period_ratio() == Approx(1.1));
  CHECK_FALSE(check.ratio());
  (void)check.add(minutes{1}, WattHours{0.5}, WattHours{0.4});
  CHECK(check.period_ratio() == Approx(0.8));
  (void)check.add(minutes{1}, WattHours{0.1}, WattHours{0.3});
  CHECK_FALSE(check.period_ratio());
}
