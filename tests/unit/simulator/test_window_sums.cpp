#include "simulator/window_sums.hpp"

#include <algorithm>
#include <cmath>

#include "simulator/random.hpp"
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

WindowSums one_by_one(const Load& load, double gain, const WindowRun& run) {
  WindowSums sums;
  for (std::int64_t k = 0; k < run.count; ++k) {
    const SimTime begin = run.begin + run.length * k;
    const double joules = gain * load.energy(begin, begin + run.length);
    (joules >= 0 ? sums.import_j : sums.export_j) += std::abs(joules);
    sums.max_w = std::max(sums.max_w, joules / in_seconds(run.length));
  }
  return sums;
}

}  // namespace

TEST_CASE("taking windows in stretches equals adding them one by one") {
  const std::vector<std::vector<LoadSettings>> loads{
      {constant(1500)},           {constant(-700)},      {square(2000, -2000, 3s)},
      {square(2000, 100, 137ms)}, {sine(100, 900, 10s)}, {sine(100, 900, 10s), square(300, -400, 1700ms), solar(-4000)},
      {solar(-4000, 500)},
  };
  const auto which = GENERATE(range<std::size_t>(0, 7));
  const double gain = GENERATE(1.0, -1.0, 0.6);
  const SimTime window = GENERATE(SimTime{200ms}, SimTime{199'203'187});
  auto load = Load::from(loads[which], Sun{SimTime{11h}, 1440.0});
  REQUIRE(load);
  load->set_outages({{40s, 41s}});
  Random random{which};
  for (int i = 0; i < 20; ++i) {
    const WindowRun run{SimTime{static_cast<SimTime::rep>(random.below(60'000'000'000ULL))} - SimTime{5s}, window,
                        static_cast<std::int64_t>(1 + random.below(400))};
    WindowSums sums;
    add_windows(*load, gain, run, true, sums);
    const auto expected = one_by_one(*load, gain, run);
    CAPTURE(which, gain, run.begin.count(), run.count);
    CHECK(sums.import_j == Approx(expected.import_j).epsilon(1e-9).margin(1e-6));
    CHECK(sums.export_j == Approx(expected.export_j).epsilon(1e-9).margin(1e-6));
    CHECK(sums.max_w == Approx(expected.max_w).epsilon(1e-9).margin(1e-6));
  }
}

TEST_CASE("a clamp without a CT model sees nothing") {
  const auto load = Load::from({constant(1500)}, {});
  WindowSums sums;
  add_windows(*load, 0.0, {SimTime{0}, 200ms, 100}, true, sums);
  CHECK(sums.import_j == 0.0);
  CHECK(sums.max_w == 0.0);
}

}  // namespace rbamp::simulator::test
