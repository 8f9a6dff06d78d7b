#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>

#include <unistd.h>

#include "simulator/load.hpp"
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

Load load_of(const std::vector<LoadSettings>& parts, Sun sun = {}) {
  auto load = Load::from(parts, sun);
  if (!load) FAIL(load.error().detail);
  return *load;
}

/// Riemann sum, as the reference that shares nothing with the closed forms.
double summed(const Load& load, SimTime from, SimTime to, SimTime step) {
  double joules = 0.0;
  for (SimTime t = from; t < to; t += step) {
    const auto [low, high] = load.bounds(t + step / 2, t + step / 2 + SimTime{1});
    joules += (low + high) / 2 * in_seconds(step);
  }
  return joules;
}

}  // namespace

TEST_CASE("every shape's energy is the integral of its power, also before the world began") {
  const auto shape = GENERATE(0, 1, 2, 3, 4);
  const std::vector<LoadSettings> parts{constant(1234.5), square(2000, -500, 3s, 0.3), sine(100, 700, 7s), solar(-4000, 300)};
  const Load load = shape < 4 ? load_of({parts[static_cast<std::size_t>(shape)]}, Sun{SimTime{10h}, 3600.0})
                              : load_of(parts, Sun{SimTime{10h}, 3600.0});
  const auto from = GENERATE(SimTime{-17s}, SimTime{1700ms}, SimTime{11h});
  const SimTime to = from + 23s;
  CAPTURE(shape, from.count());
  CHECK(load.energy(from, to) == Approx(summed(load, from, to, 1ms)).epsilon(1e-5).margin(3.0));
  CHECK(load.energy(from, from + 5s) + load.energy(from + 5s, to) == Approx(load.energy(from, to)).epsilon(1e-12));
}

TEST_CASE("bounds contain the power at every instant of the interval") {
  const Load load = load_of({square(2000, -500, 3s, 0.3), sine(100, 700, 7s), solar(-4000, 300)}, Sun{SimTime{0}, 3600.0});
  Random random{7};
  for (int i = 0; i < 2000; ++i) {
    const SimTime from{static_cast<SimTime::rep>(random.below(100'000'000'000ULL))};
    const SimTime to = from + SimTime{static_cast<SimTime::rep>(1 + random.below(30'000'000'000ULL))};
    const auto outer = load.bounds(from, to);
    const SimTime inside =
        from + SimTime{static_cast<SimTime::rep>(random.below(static_cast<std::uint64_t>((to - from).count())))};
    const auto inner = load.bounds(inside, inside + SimTime{1});
    REQUIRE(inner.low >= outer.low - 1e-6);
    REQUIRE(inner.high <= outer.high + 1e-6);
  }
}

TEST_CASE("a square wave's energy is exact over a year") {
  const Load load = load_of({square(3000, 1000, 3s, 0.5)});
  const SimTime year = 24h * 365;
  CHECK(load.energy(SimTime{0}, year) == 2000.0 * 365 * 86400);
  CHECK(load.energy(SimTime{0}, year + 750ms) - load.energy(SimTime{0}, year) == Approx(2250.0).epsilon(1e-9));
}

TEST_CASE("import and export are kept apart at every instant") {
  SECTION("a square wave between import and export") {
    const Load load = load_of({square(2000, -2000, 3s, 0.5)});
    const auto split = load.split_energy(SimTime{0}, 300s);
    CHECK(split.import_j == Approx(300'000.0).epsilon(1e-12));
    CHECK(split.export_j == Approx(300'000.0).epsilon(1e-12));
  }
  SECTION("a sine around zero") {
    const Load load = load_of({sine(0, 1000, 10s)});
    const double lobe = 1000.0 * 10 / std::numbers::pi;
    const auto split = load.split_energy(SimTime{0}, 100s);
    CHECK(split.import_j == Approx(10 * lobe).epsilon(1e-9));
    CHECK(split.export_j == Approx(10 * lobe).epsilon(1e-9));
  }
  SECTION("a base load under the sun") {
    const Load load = load_of({solar(-4000), constant(500)});
    // 4000 sin x = 500 at x = asin(1/8), counted from sunrise; half a day is pi.
    const double x = std::asin(0.125);
    const double second_per_rad = 43200.0 / std::numbers::pi;
    const double sun_between = 2 * 4000 * std::cos(x) * second_per_rad;
    const double length = (std::numbers::pi - 2 * x) * second_per_rad;
    const auto split = load.split_energy(SimTime{0}, 24h);
    CHECK(split.export_j == Approx(sun_between - 500 * length).epsilon(1e-9));
    CHECK(split.import_j - split.export_j == Approx(load.energy(SimTime{0}, 24h)).epsilon(1e-12));
  }
  SECTION("in pieces as in one") {
    const Load load = load_of({square(2000, -1500, 3s, 0.4), sine(0, 900, 7s)});
    const auto whole = load.split_energy(SimTime{0}, 60s);
    SplitEnergy sum;
    for (SimTime t{0}; t < 60s; t += SimTime{137'000'001}) {
      const auto part = load.split_energy(t, std::min(t + SimTime{137'000'001}, SimTime{60s}));
      sum.import_j += part.import_j;
      sum.export_j += part.export_j;
    }
    CHECK(sum.import_j == Approx(whole.import_j).epsilon(1e-9));
    CHECK(sum.export_j == Approx(whole.export_j).epsilon(1e-9));
  }
}

TEST_CASE("a solar day gives its peak at noon, nothing at night, and follows the sun's speed") {
  const Load slow = load_of({solar(-4000)});
  CHECK(slow.bounds(SimTime{1h}, SimTime{5h}).low == 0.0);
  CHECK(slow.energy(SimTime{20h}, SimTime{26h}) == Approx(0.0).margin(1e-6));
  CHECK(slow.bounds(SimTime{12h}, SimTime{12h} + SimTime{1}).low == Approx(-4000));
  CHECK(slow.energy(SimTime{0}, SimTime{24h}) == Approx(-4000.0 * 86400 / std::numbers::pi).epsilon(1e-12));
  const Load fast = load_of({solar(-4000)}, Sun{SimTime{6h}, 1440.0});  // a day in a minute
  CHECK(fast.energy(SimTime{0}, 60s) == Approx(-4000.0 * 60 / std::numbers::pi).epsilon(1e-12));
  CHECK(fast.bounds(15s, 15s + SimTime{1}).low == Approx(-4000));
}

TEST_CASE("an outage takes the load away and nothing else") {
  Load load = load_of({constant(1000)});
  load.set_outages({{10s, 20s}});
  CHECK(load.energy(SimTime{0}, 30s) == Approx(20'000));
  CHECK(load.bounds(12s, 13s).high == 0.0);
  CHECK(load.flow(SimTime{9s}, SimTime{11s}).active_w == Approx(500));
  CHECK(load.split_energy(SimTime{0}, 30s).import_j == Approx(20'000));
}

TEST_CASE("reactive power follows the power factor, leading when it is negative") {
  CHECK(load_of({constant(800, 0.8)}).flow(SimTime{0}, 1s).reactive_var == Approx(600));
  CHECK(load_of({constant(800, -0.8)}).flow(SimTime{0}, 1s).reactive_var == Approx(-600));
  CHECK(load_of({constant(-800, 0.8)}).flow(SimTime{0}, 1s).reactive_var == Approx(600));
}

TEST_CASE("a load file is held from line to line and repeated") {
  const auto path = std::filesystem::temp_directory_path() / ("rbamp-load-" + std::to_string(::getpid()) + ".csv");
  LoadSettings settings;
  settings.shape = LoadSettings::Shape::file;
  settings.file = path.string();
  const auto write = [&](const char* text) { std::ofstream{path} << text; };

  SECTION("steps") {
    write("# recorded\n0,100\n10, 300\n\n15,-50\n20,0\n");
    const Load load = load_of({settings});
    CHECK(load.energy(SimTime{0}, 20s) == Approx(100 * 10 + 300 * 5 - 50 * 5));
    CHECK(load.energy(5s, 25s) == Approx(load.energy(SimTime{0}, 20s)));
    CHECK(load.split_energy(SimTime{0}, 40s).export_j == Approx(500));
    CHECK(load.bounds(21s, 22s).high == 100);
    CHECK(load.bounds(19s, 31s).high == 300);
    CHECK(load.bounds(19s, 31s).low == -50);
    CHECK(load.energy(SimTime{-20s}, SimTime{0}) == Approx(load.energy(SimTime{0}, 20s)));
  }
  SECTION("a single line is constant") {
    write("0,42\n");
    CHECK(load_of({settings}).energy(5s, 15s) == Approx(420));
  }
  SECTION("a wrong line is named") {
    write("0,100\nten,300\n");
    const auto load = Load::from({settings}, {});
    REQUIRE_FALSE(load);
    CHECK(load.error().is(Errc::config_invalid));
    CHECK(load.error().detail.find(path.string() + ":2:") != std::string::npos);
  }
  SECTION("times that fall are refused") {
    write("10,100\n10,300\n");
    CHECK_FALSE(Load::from({settings}, {}));
  }
  SECTION("an empty file is refused") {
    write("# nothing\n");
    CHECK_FALSE(Load::from({settings}, {}));
  }
  std::filesystem::remove(path);
  if (!std::filesystem::exists(path)) {
    const auto missing = Load::from({settings}, {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().detail.find(path.string()) != std::string::npos);
  }
}

TEST_CASE("settings that make no load are refused") {
  auto load = square(1, 0, 10s);
  SECTION("no period") { load.period = 0s; }
  SECTION("duty") { load.duty = 1.5; }
  SECTION("power factor") { load.power_factor = 0.0; }
  SECTION("not a number") { load.power_w = std::nan(""); }
  const auto made = Load::from({load}, {});
  REQUIRE_FALSE(made);
  CHECK(made.error().is(Errc::config_invalid));
}

}  // namespace rbamp::simulator::test
