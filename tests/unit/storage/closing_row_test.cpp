#include "storage/closing_row.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::storage;

TEST_CASE("packed remainders come back within their unit") {
  std::mt19937_64 random{7};  // NOLINT: reproducible on purpose
  std::uniform_real_distribution<double> fraction{-1.0, 1.0};
  for (int i = 0; i < 20000; ++i) {
    const Remainders given{fraction(random), fraction(random), fraction(random)};
    const auto packed = pack_remainders(given);
    CHECK(std::abs(packed) < (std::int64_t{1} << 47));  // six bytes in a row
    const auto back = unpack_remainders(packed);
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) CHECK(std::abs(back[slot] - given[slot]) <= 0.5 / 32767.0 + 1e-12);
  }
}

TEST_CASE("remainders at their limits do not disturb each other") {
  for (const double a : {-1.0, 0.0, 1.0}) {
    for (const double b : {-1.0, 0.0, 1.0}) {
      for (const double c : {-1.0, 0.0, 1.0}) {
        const Remainders given{a, b, c};
        CHECK(unpack_remainders(pack_remainders(given)) == given);
      }
    }
  }
}

TEST_CASE("no remainder at all takes no byte, and nonsense is no remainder") {
  CHECK(pack_remainders({}) == 0);
  CHECK(pack_remainders({std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 0.0}) == 0);
  CHECK(unpack_remainders(pack_remainders({17.0, -17.0, 0.5}))[0] == 1.0);
}

TEST_CASE("impossible rows are named") {
  ClosingRow row;
  row.length = std::chrono::seconds{60};
  row.slots[1] = SlotAmounts{MicroWattHours{5}, MicroWattHours{0}, MicroWattHours{100}, MicroWattHours{0}};
  CHECK_FALSE(defect_of(row));

  SECTION("a negative energy") {
    row.slots[1]->energy_import = MicroWattHours{-1};
    CHECK(defect_of(row) == "an energy is negative");
  }
  SECTION("a negative energy is what an adjustment may have") {
    row.slots[1]->energy_import = MicroWattHours{-1};
    row.quality = metering::Quality::adjustment;
    row.length = Microseconds::zero();
    CHECK_FALSE(defect_of(row));
  }
  SECTION("an adjustment of some duration") {
    row.quality = metering::Quality::adjustment;
    CHECK(defect_of(row) == "an adjustment covers time");
  }
  SECTION("a negative total") {
    row.slots[1]->total_export = MicroWattHours{-1};
    CHECK(defect_of(row) == "a total is negative");
  }
  SECTION("a gap that claims energy") {
    row.quality = metering::Quality::gap;
    CHECK(defect_of(row) == "a gap has energy");
  }
  SECTION("a negative length") {
    row.length = Microseconds{-1};
    CHECK(defect_of(row) == "its length is negative");
  }
}
