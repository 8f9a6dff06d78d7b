#include "metering/energy_estimate.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Volts mains{230.0};

BootTime window(int n) { return BootTime{milliseconds{200} * n}; }

/// Windows `first` to `last`, each with these amperes on the first input.
void feed(EnergyEstimate& estimate, int first, int last, double amperes, double power_factor = 1.0) {
  for (int i = first; i <= last; ++i)
    estimate.add(window(i), {Amperes{amperes}, std::nullopt, std::nullopt}, mains, power_factor);
}

}  // namespace

TEST_CASE("an estimate is current times voltage times power factor over the time that was seen") {
  EnergyEstimate estimate;
  feed(estimate, 0, 300, 10.0, 0.5);
  const auto stretches = estimate.take();
  REQUIRE(stretches.size() == 1);
  CHECK(stretches[0].begin == window(0));
  CHECK(stretches[0].end == window(300));
  CHECK(stretches[0].energy[0].value() == Approx(230.0 * 10.0 * 0.5 / 60.0).epsilon(1e-12));
  CHECK(stretches[0].energy[1].value() == 0.0);
}

TEST_CASE("stretches that follow one another leave no time and no energy between them") {
  EnergyEstimate parts;
  EnergyEstimate whole;
  feed(whole, 0, 100, 7.0);
  feed(parts, 0, 33, 7.0);
  const auto first = parts.take();
  feed(parts, 34, 100, 7.0);
  const auto second = parts.take();
  REQUIRE(first.size() == 1);
  REQUIRE(second.size() == 1);
  CHECK(first[0].end == second[0].begin);
  CHECK((first[0].energy[0] + second[0].energy[0]).value() == Approx(whole.take().at(0).energy[0].value()).epsilon(1e-12));
}

TEST_CASE("a missed window is bridged, a longer hole is nobody's") {
  EnergyEstimate estimate;
  feed(estimate, 0, 10, 10.0);
  feed(estimate, 12, 20, 10.0);  // one is missing
  feed(estimate, 60, 70, 10.0);  // eight seconds are missing
  const auto stretches = estimate.take();
  REQUIRE(stretches.size() == 2);
  CHECK(stretches[0].end == window(20));
  CHECK(stretches[0].energy[0].value() == Approx(2300.0 * 4.0 / 3600.0).epsilon(1e-12));
  CHECK(stretches[1].begin == window(60));
  CHECK(stretches[1].energy[0].value() == Approx(2300.0 * 2.0 / 3600.0).epsilon(1e-12));
}

TEST_CASE("nothing seen, or one reading only, is no stretch") {
  EnergyEstimate estimate;
  CHECK(estimate.take().empty());
  feed(estimate, 0, 0, 10.0);
  CHECK(estimate.take().empty());
  feed(estimate, 50, 50, 10.0);
  CHECK(estimate.take().empty());
  feed(estimate, 51, 51, 10.0);
  REQUIRE(estimate.take().size() == 1);
}
