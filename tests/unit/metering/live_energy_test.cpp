#include "metering/live_energy.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

BootTime window(int n) { return BootTime{milliseconds{200} * n}; }

}  // namespace

TEST_CASE("every window read once gives both directions exactly, also when the sign changes each window") {
  LiveIntegrator live;
  live.add(window(0), Watts{0.0});
  for (int i = 1; i <= 300; ++i) live.add(window(i), Watts{i % 2 == 0 ? 2000.0 : -1000.0});
  const auto energy = live.take();
  CHECK(energy.positive.value() == Approx(2000.0 * 30 / 3600.0).epsilon(1e-12));
  CHECK(energy.negative.value() == Approx(1000.0 * 30 / 3600.0).epsilon(1e-12));
  CHECK(energy.covered == seconds{60});
  CHECK(energy.is_complete());
}

TEST_CASE("taking in the middle loses nothing: the parts add up to the whole") {
  LiveIntegrator parts;
  LiveIntegrator whole;
  WattHours sum;
  for (int i = 0; i <= 1000; ++i) {
    const Watts power{-300.0 - i};
    parts.add(window(i), power);
    whole.add(window(i), power);
    if (i % 7 == 0) sum += parts.take().negative;
  }
  sum += parts.take().negative;
  CHECK(sum.value() == Approx(whole.take().negative.value()).epsilon(1e-12));
}

TEST_CASE("a hole is bridged by what was before and after it, and counted") {
  LiveIntegrator live;
  live.add(window(0), Watts{-100.0});
  live.add(window(1), Watts{-100.0});
  live.add(window(11), Watts{-300.0});
  const auto energy = live.take();
  CHECK(energy.missed == seconds{2});
  CHECK(energy.covered == milliseconds{200});
  CHECK(energy.negative.value() == Approx((100.0 * 0.2 + 100.0 * 1.0 + 300.0 * 1.0) / 3600.0));
  CHECK_FALSE(energy.is_complete());
}

TEST_CASE("after a restart of the module no hole is bridged") {
  LiveIntegrator live;
  live.add(window(0), Watts{-100.0});
  live.restart();
  live.add(window(100), Watts{-100.0});
  CHECK(live.take().negative.value() == 0.0);
}

TEST_CASE("a window that is read twice counts once") {
  LiveIntegrator live;
  live.add(window(0), Watts{-100.0});
  live.add(window(1), Watts{-100.0});
  live.add(window(1), Watts{-100.0});
  CHECK(live.take().negative.value() == Approx(100.0 * 0.2 / 3600.0));
}

TEST_CASE("a long hole holds no energy: a night between two sunny readings exports nothing") {
  LiveIntegrator live;
  live.add(window(0), Watts{-3000.0});
  live.add(window(1), Watts{-3000.0});
  live.add(window(1) + LiveIntegrator::longest_bridge + milliseconds{1}, Watts{-3000.0});
  live.add(window(1) + std::chrono::hours{14}, Watts{0.0});
  const auto energy = live.take();
  CHECK(energy.negative.value() == Approx(3000.0 * 0.2 / 3600.0));
  CHECK(energy.covered == milliseconds{200});
  CHECK(energy.missed == seconds{0});
}
