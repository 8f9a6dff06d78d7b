#include "units/units.hpp"

#include <concepts>
#include <limits>
#include <type_traits>

#include "support/catch.hpp"

namespace rbamp {
namespace {

using namespace std::chrono_literals;

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Multipliable = requires(A a, B b) {
  a* b;
};

TEST_CASE("only what physics allows compiles") {
  STATIC_REQUIRE(Addable<Watts, Watts>);
  STATIC_REQUIRE_FALSE(Addable<Watts, WattHours>);
  STATIC_REQUIRE_FALSE(Addable<Watts, double>);
  STATIC_REQUIRE_FALSE(Addable<Watts, Vars>);
  STATIC_REQUIRE(Multipliable<Watts, Hours>);
  STATIC_REQUIRE_FALSE(Multipliable<Watts, Watts>);
  STATIC_REQUIRE_FALSE(Multipliable<WattHours, Hours>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<double, Watts>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Watts, double>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<MicroWattHours, WattHours>);
}

TEST_CASE("power times time is energy, whatever unit the time has") {
  CHECK((1000.0_W * Hours{1}).value() == 1000.0);
  CHECK((1000.0_W * 30min).value() == 500.0);
  CHECK((3600.0_W * 200ms).value() == Approx(0.2).epsilon(1e-15));
  CHECK((-500.0_W * 2h).value() == -1000.0);
}

TEST_CASE("voltage times current is apparent power") { CHECK((230.0_V * 10.0_A).value() == 2300.0); }

TEST_CASE("quantities add, scale and compare like numbers") {
  CHECK(2.0_W + 3.0_W == 5.0_W);
  CHECK(2.0_W - 3.0_W == -1.0_W);
  CHECK(-(2.0_W) < 0.0_W);
  CHECK(2.0 * 3.0_W == 6.0_W);
  CHECK(6.0_W / 3.0 == 2.0_W);
  CHECK(6.0_W / 3.0_W == 2.0);
  auto sum = 1.0_W;
  sum += 2.0_W;
  sum -= 0.5_W;
  CHECK(sum == 2.5_W);
  CHECK(Watts{}.value() == 0.0);
}

TEST_CASE("the ledger's energy is exact where doubles are not") {
  // 2^53 + 1 is the first whole number that a double cannot hold.
  const MicroWattHours large{9'007'199'254'740'993};
  CHECK((large + MicroWattHours{1}).value() == 9'007'199'254'740'994);
  CHECK((large - MicroWattHours{1}).value() == 9'007'199'254'740'992);
  auto sum = MicroWattHours{};
  for (int i = 0; i < 10; ++i) sum += MicroWattHours{100'000};
  CHECK(sum == MicroWattHours{1'000'000});
  CHECK(sum.to_watt_hours() == 1.0_Wh);
  CHECK(MicroWattHours{-1} < MicroWattHours{});
}

TEST_CASE("a register holds a building's consumption of centuries") {
  // 100 kW for 500 years, in micro-watt-hours.
  constexpr double need = 100e3 * 24 * 365 * 500 * 1e6;
  CHECK(need < static_cast<double>(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace
}  // namespace rbamp
