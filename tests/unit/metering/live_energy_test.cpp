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
  live.begin(window(0));
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
  live.add(window(1), Watts{-100.0});
  live.add(window(11), Watts{-300.0});
  const auto energy = live.take();
  CHECK(energy.missed == seconds{2});
  CHECK(energy.covered == milliseconds{200});
  CHECK(energy.negative.value() == Approx((100.0 * 0.2 + 100.0 * 1.0 + 300.0 * 1.0) / 3600.0));
  CHECK_FALSE(energy.is_complete());
}

TEST_CASE("after a restart of the module no hole is bridged: two readings are two windows") {
  LiveIntegrator live;
  live.add(window(0), Watts{-100.0});
  live.restart();
  live.add(window(100), Watts{-100.0});
  const auto energy = live.take();
  CHECK(energy.negative.value() == Approx(100.0 * 0.4 / 3600.0));
  CHECK(energy.covered == milliseconds{400});
  CHECK(energy.missed == seconds{0});
}

TEST_CASE("a restart that no window was missed for counts none twice") {
  LiveIntegrator live;
  live.add(window(0), Watts{-100.0});
  live.restart();
  live.add(window(0) + milliseconds{150}, Watts{-100.0});
  CHECK(live.take().covered == milliseconds{350});
}

TEST_CASE("the first reading stands for its own window, but for nothing before the beginning") {
  const auto covered_by_a_reading_after = [](Microseconds time) {
    LiveIntegrator live;
    live.begin(window(5));
    live.add(window(5) + time, Watts{-100.0});
    return live.take().covered;
  };
  CHECK(covered_by_a_reading_after(milliseconds{60}) == milliseconds{60});
  CHECK(covered_by_a_reading_after(milliseconds{200}) == milliseconds{200});
  CHECK(covered_by_a_reading_after(milliseconds{260}) == milliseconds{260});  // late, for the window before the next one
  CHECK(covered_by_a_reading_after(seconds{3}) == LiveIntegrator::window);    // what was before it was seen by nobody
  CHECK(covered_by_a_reading_after(-milliseconds{50}) == seconds{0});
}

TEST_CASE("a beginning between two readings leaves what is before it to nobody") {
  LiveIntegrator live;
  live.add(window(1), Watts{-100.0});
  static_cast<void>(live.take());
  live.begin(window(1) + milliseconds{150});
  live.add(window(1) + milliseconds{100}, Watts{-100.0});  // one that was under way
  live.add(window(2), Watts{-100.0});
  CHECK(live.take().covered == milliseconds{50});
}

TEST_CASE("at the end the last reading stands for the window that nobody will read, and for a short hole as a hole") {
  const auto end_after = [](Microseconds time) {
    LiveIntegrator live;
    live.begin(window(0));
    live.add(window(1), Watts{-100.0});
    live.end(window(1) + time);
    return live.take();
  };
  CHECK(end_after(milliseconds{170}).covered == milliseconds{370});
  CHECK(end_after(milliseconds{170}).negative.value() == Approx(100.0 * 0.37 / 3600.0));
  CHECK(end_after(seconds{2}).missed == seconds{2});
  CHECK(end_after(seconds{2}).negative.value() == Approx(100.0 * 2.2 / 3600.0));
  CHECK(end_after(std::chrono::hours{1}).covered == milliseconds{200});
  CHECK(end_after(std::chrono::hours{1}).missed == seconds{0});
  CHECK(end_after(-milliseconds{10}).covered == milliseconds{200});
}

TEST_CASE("a window that is read twice counts once") {
  LiveIntegrator live;
  live.add(window(1), Watts{-100.0});
  live.add(window(1), Watts{-100.0});
  CHECK(live.take().negative.value() == Approx(100.0 * 0.2 / 3600.0));
}

TEST_CASE("a long hole holds no energy but the window that ends it: a night between two sunny readings exports nothing") {
  LiveIntegrator live;
  live.add(window(1), Watts{-3000.0});
  live.add(window(1) + LiveIntegrator::longest_bridge + milliseconds{1}, Watts{-3000.0});
  live.add(window(1) + std::chrono::hours{14}, Watts{0.0});
  const auto energy = live.take();
  CHECK(energy.negative.value() == Approx(3000.0 * 0.4 / 3600.0));
  CHECK(energy.covered == milliseconds{600});
  CHECK(energy.missed == seconds{0});
}
