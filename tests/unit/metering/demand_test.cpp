#include "metering/demand.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// Minutes of a constant power, booked one by one.
struct Meter {
  Demand demand{minutes{15}};
  UtcTime now{hours{24 * 20'000}};
  int new_peaks = 0;
  bool is_trusted = true;

  void run(double watts, Microseconds time, Microseconds step = minutes{1}) {
    for (const UtcTime end = now + time; now < end;) {
      Period span;
      span.length = step;
      now += step;
      span.end.utc = now;
      span.end.utc_is_trusted = is_trusted;
      const auto energy = MicroWattHours{std::llround(watts * Hours{step}.count() * 1e6)};
      if (demand.add(span, energy, [](UtcTime) { return 657; })) ++new_peaks;
      demand.power(Watts{watts});
    }
  }
};

}  // namespace

TEST_CASE("before the first posting there is no demand") { CHECK_FALSE(Demand{minutes{15}}.at(UtcTime{})); }

TEST_CASE("a constant power is its own demand, forecast and peak") {
  Meter meter;
  meter.run(2000, minutes{40});
  const auto reading = meter.demand.at(meter.now);
  REQUIRE(reading);
  CHECK(reading->so_far.value() == Approx(2000.0));
  CHECK(reading->forecast.value() == Approx(2000.0));
  CHECK(reading->last->value() == Approx(2000.0));
  CHECK(reading->peak->power.value() == Approx(2000.0));
  CHECK(reading->peak->month == 657);
}

TEST_CASE("the forecast is what was used plus what the power of now will use") {
  Meter meter;
  meter.run(1000, minutes{5});
  meter.demand.power(Watts{4000.0});
  const auto reading = meter.demand.at(meter.now);
  CHECK(reading->so_far.value() == Approx(1000.0));
  CHECK(reading->forecast.value() == Approx((1000.0 * 5 + 4000.0 * 10) / 15));
}

TEST_CASE("between two postings the live power stands for what is not booked yet") {
  Meter meter;
  meter.run(1000, minutes{5});
  meter.demand.power(Watts{3000.0});
  CHECK(meter.demand.at(meter.now + minutes{5})->so_far.value() == Approx(2000.0));
}

TEST_CASE("a posting over the border of two windows counts in both by its time") {
  Meter meter;
  meter.run(0, minutes{10});
  meter.run(3000, minutes{10}, minutes{10});  // five minutes here, five there
  CHECK(meter.demand.at(meter.now)->last->value() == Approx(1000.0));
  CHECK(meter.demand.at(meter.now)->so_far.value() == Approx(3000.0));
}

TEST_CASE("one posting over many windows fills each of them") {
  Meter meter;
  meter.run(1200, hours{2}, hours{2});
  CHECK(meter.demand.at(meter.now)->last->value() == Approx(1200.0));
  CHECK(meter.new_peaks == 1);
}

TEST_CASE("only a greater window is a new peak, and a new month begins anew") {
  Meter meter;
  meter.run(2000, minutes{15});
  meter.run(1000, minutes{15});
  meter.run(3000, minutes{15});
  CHECK(meter.new_peaks == 2);
  CHECK(meter.demand.at(meter.now)->peak->power.value() == Approx(3000.0));
  Period span;
  span.length = minutes{15};
  span.end.utc = meter.now + minutes{15};
  span.end.utc_is_trusted = true;
  CHECK(meter.demand.add(span, MicroWattHours{100'000'000}, [](UtcTime) { return 658; }));
  CHECK(meter.demand.at(meter.now)->peak->month == 658);
  CHECK(meter.demand.at(meter.now)->peak->power.value() == Approx(400.0));
}

TEST_CASE("time without postings makes the mean lower, never higher") {
  Meter meter;
  meter.run(2000, minutes{5});
  meter.now += minutes{5};
  meter.run(2000, minutes{6});
  CHECK(meter.demand.at(meter.now)->last->value() == Approx(2000.0 * 10 / 15));
}

TEST_CASE("export and generation are no demand") {
  Meter meter;
  meter.run(1000, minutes{5});
  meter.demand.power(Watts{-4000.0});
  CHECK(meter.demand.at(meter.now)->forecast.value() == Approx(1000.0 * 5 / 15));
}

TEST_CASE("a remembered peak of this month stands until it is beaten") {
  Meter meter;
  meter.demand.remember({657, Watts{5000.0}, UtcTime{}});
  meter.run(4000, minutes{30});
  CHECK(meter.new_peaks == 0);
  CHECK(meter.demand.at(meter.now)->peak->power.value() == Approx(5000.0));
  meter.run(6000, minutes{15});
  CHECK(meter.new_peaks == 1);
}

TEST_CASE("a clock that was ahead and is set back leaves no hole: the windows of the right time count from then on") {
  for (const auto ahead : {Microseconds{hours{2}}, Microseconds{hours{24 * 400}}}) {
    Meter meter;
    meter.is_trusted = false;
    meter.now += ahead;
    meter.run(1000, minutes{20});
    meter.now -= ahead;
    meter.is_trusted = true;
    meter.run(3000, minutes{40});
    const auto reading = meter.demand.at(meter.now);
    REQUIRE(reading);
    CHECK(reading->so_far.value() == Approx(3000.0));
    REQUIRE(reading->peak);
    CHECK(reading->peak->power.value() == Approx(3000.0));
  }
}

TEST_CASE("a window of a clock that is not set is no peak, not even of a month to come") {
  Meter meter;
  meter.is_trusted = false;
  meter.run(5000, minutes{40});
  CHECK(meter.new_peaks == 0);
  CHECK_FALSE(meter.demand.at(meter.now)->peak);
  CHECK(meter.demand.at(meter.now)->last->value() == Approx(5000.0));
}

TEST_CASE("windows of an hour begin with the local hour, also where local time is half an hour off") {
  Meter meter;
  meter.demand = Demand{hours{1}};
  meter.demand.set_offset(hours{5} + minutes{30});
  meter.run(1000, minutes{30});  // until half past in UTC: a full hour there
  meter.run(3000, minutes{20});
  const auto reading = meter.demand.at(meter.now);
  REQUIRE(reading);
  CHECK(reading->last->value() == Approx(500.0));  // half of that hour was metered
  CHECK(reading->so_far.value() == Approx(3000.0));
}

TEST_CASE("what was not metered before a start in the middle of a window is not made up from the power of now") {
  Meter meter;
  meter.now += minutes{13};
  meter.run(5000, minutes{1});
  const auto reading = meter.demand.at(meter.now);
  REQUIRE(reading);
  CHECK(reading->so_far.value() == Approx(5000.0 / 14));
  CHECK(reading->forecast.value() == Approx(5000.0 * 2 / 15));
}
