#include "ctl/energy_text.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::ctl;

namespace {
std::string to_kwh(MicroWattHours energy) { return rounded(energy, EnergyUnit::kwh); }
}  // namespace

TEST_CASE("kilowatt-hours are rounded to three decimals, half away from zero") {
  CHECK(to_kwh(MicroWattHours{12'345'499'999}) == "12.345");
  CHECK(to_kwh(MicroWattHours{12'345'500'000}) == "12.346");
  CHECK(to_kwh(MicroWattHours{-12'345'500'000}) == "-12.346");
  CHECK(to_kwh(MicroWattHours{-1}) == "0.000");
  CHECK(to_kwh(MicroWattHours{}) == "0.000");
  CHECK(to_kwh(MicroWattHours{INT64_MIN}) == "-9223372036.855");
  CHECK(rounded(MicroWattHours{12'345'678}, EnergyUnit::wh) == "12.346");
}

TEST_CASE("exact energies have every digit and no more") {
  CHECK(to_exact_wh(MicroWattHours{16'000'013}) == "16.000013");
  CHECK(to_exact_wh(MicroWattHours{16'000'000}) == "16");
  CHECK(to_exact_wh(MicroWattHours{-500'000}) == "-0.5");
  CHECK(to_exact_wh(MicroWattHours{1}) == "0.000001");
  CHECK(to_exact_wh(MicroWattHours{}) == "0");
  CHECK(to_exact_kwh(MicroWattHours{1'000'000'000}) == "1");
  CHECK(to_exact_kwh(MicroWattHours{1'234'567'890}) == "1.23456789");
}

TEST_CASE("what is written is read back to the micro-watt-hour") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{999'999},
                                   std::int64_t{-123'456'789'012}, std::int64_t{9'007'199'254'740'993}}) {
    CHECK(parse_wh(to_exact_wh(MicroWattHours{value})).value() == MicroWattHours{value});
    CHECK(parse_kwh(to_exact_kwh(MicroWattHours{value})).value() == MicroWattHours{value});
  }
  CHECK(parse_wh("+3").value() == MicroWattHours{3'000'000});
  CHECK(parse_wh(".5").value() == MicroWattHours{500'000});
  CHECK(parse_kwh("48213.7").value() == MicroWattHours{48'213'700'000'000});
}

TEST_CASE("what is no energy is refused with the reason") {
  const auto reason = [](const std::string& text) {
    const auto parsed = parse_wh(text);
    return parsed ? std::string{"accepted"} : parsed.error().detail;
  };
  CHECK(reason("") == "\"\" is no energy: write a number such as 1234.5");
  CHECK(reason("-") == "\"-\" is no energy: write a number such as 1234.5");
  CHECK(reason("12,5").find("behind a point") != std::string::npos);
  CHECK(reason("12 kWh").find("without a unit") != std::string::npos);
  CHECK(reason("1e3").find("without a unit") != std::string::npos);
  CHECK(reason("1.2.3").find("without a unit") != std::string::npos);
  CHECK(reason("0.0000001").find("at most 6 decimals") != std::string::npos);
  CHECK(reason("9223372036854.9").find("too great") != std::string::npos);
  CHECK(reason("99999999999999999999").find("too great") != std::string::npos);
}
