#include "mqtt/number_text.hpp"

#include <cstring>
#include <limits>
#include <random>

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

TEST_CASE("a measured value has a fixed number of places") {
  CHECK(decimal_or_null(230.42, 1) == "230.4");
  CHECK(decimal_or_null(1.5, 3) == "1.500");
  CHECK(decimal_or_null(-21.44, 1) == "-21.4");
  CHECK(decimal_or_null(0.0, 1) == "0.0");
  CHECK(decimal_or_null(5.0, 0) == "5");
}

TEST_CASE("what rounds to zero from below has no minus sign") {
  CHECK(decimal_or_null(-0.04, 1) == "0.0");
  CHECK(decimal_or_null(-0.0, 3) == "0.000");
  CHECK(decimal_or_null(-0.06, 1) == "-0.1");
}

TEST_CASE("what no meter can mean is null") {
  CHECK(decimal_or_null(std::numeric_limits<double>::quiet_NaN(), 1) == "null");
  CHECK(decimal_or_null(std::numeric_limits<double>::infinity(), 1) == "null");
  CHECK(decimal_or_null(-std::numeric_limits<double>::infinity(), 1) == "null");
  CHECK(decimal_or_null(1e300, 1) == "null");
}

TEST_CASE("very small and very large values are printed without an exponent") {
  CHECK(decimal_or_null(1e-12, 3) == "0.000");
  CHECK(decimal_or_null(999999999.0, 3) == "999999999.000");
}

TEST_CASE("a register is rounded down to the watt-hour") {
  CHECK(whole_watt_hours(MicroWattHours{1'999'999}) == 1);
  CHECK(whole_watt_hours(MicroWattHours{2'000'000}) == 2);
  CHECK(whole_watt_hours(MicroWattHours{0}) == 0);
  CHECK(whole_watt_hours(MicroWattHours{-1}) == -1);
  CHECK(whole_watt_hours(MicroWattHours{-1'000'000}) == -1);
  CHECK(kwh_text(whole_watt_hours(MicroWattHours{1'234'567'999'999})) == "1234.567");
  CHECK(kwh_text(0) == "0.000");
  CHECK(kwh_text(12) == "0.012");
  CHECK(kwh_text(-7) == "-0.007");
}

TEST_CASE("the largest register is printed without loss") {
  CHECK(kwh_text(whole_watt_hours(MicroWattHours{std::numeric_limits<std::int64_t>::max()})) == "9223372036.854");
  CHECK(wh_text(MicroWattHours{std::numeric_limits<std::int64_t>::min()}) == "-9223372036854.775808");
}

TEST_CASE("a single period is printed exactly") {
  CHECK(wh_text(MicroWattHours{5'803'333}) == "5.803333");
  CHECK(wh_text(MicroWattHours{1}) == "0.000001");
  CHECK(wh_text(MicroWattHours{}) == "0.000000");
}

TEST_CASE("no double at all prints as something that Home Assistant would show wrongly") {
  std::mt19937_64 random{7};
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double value = 0.0;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    const auto text = decimal_or_null(i % 2 == 0 ? value : value / 1e300, 3);
    if (text == "null") continue;
    CHECK(text.find_first_not_of("-0123456789.") == std::string::npos);
    CHECK(text != "-0.000");
  }
}
