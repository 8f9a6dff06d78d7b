#include "protocol/live_block.hpp"

#include <limits>

#include "hex.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::test::hex;

namespace {

// TV4: UI1, 60 W lamp.
constexpr std::string_view lamp =
    "9A 19 66 43 33 B3 A2 43 | DD 24 86 3E 00 00 00 00 | 00 00 00 00 B6 F3 BD 3E | 00 00 00 00 00 00 00 00 |"
    "CD CC 70 42 00 00 00 00 | 00 00 00 00 EE 7C 7F 3F | 00 00 00 00 00 00 00 00";

constexpr std::size_t u_rms = 0;
constexpr std::size_t i0_rms = 8;
constexpr std::size_t p0 = 32;
constexpr std::size_t pf0 = 44;

LiveBytes lamp_with(std::size_t offset, float value) {
  auto bytes = hex<56>(lamp);
  store_f32(bytes, offset, value);
  return bytes;
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("TV4: the live block of a 60 W lamp") {
  const auto block = decode_live(hex<56>(lamp), Variant::ui1);
  REQUIRE(block.voltage);
  CHECK(block.voltage->value() == Approx(230.1).epsilon(1e-7));
  CHECK(block.voltage_peak->value() == Approx(325.4).epsilon(1e-7));
  CHECK(block.channels[0].current->value() == Approx(0.262).epsilon(1e-7));
  CHECK(block.channels[0].current_peak->value() == Approx(0.371).epsilon(1e-7));
  CHECK(block.channels[0].active_power->value() == Approx(60.2).epsilon(1e-7));
  CHECK(block.channels[0].power_factor->value() == Approx(0.998).epsilon(1e-7));
  CHECK(block.rejected == 0);
  // A UI1 has no second channel: absent, not 0.0.
  CHECK_FALSE(block.channels[1].current);
  CHECK_FALSE(block.channels[2].active_power);
}

TEST_CASE("TV4: export is signed") {
  auto bytes = hex<56>(lamp);
  const auto power = hex<4>("00 00 E1 C3");
  const auto factor = hex<4>("EE 7C 7F BF");
  std::copy(power.begin(), power.end(), bytes.begin() + p0);
  std::copy(factor.begin(), factor.end(), bytes.begin() + pf0);
  const auto block = decode_live(bytes, Variant::ui1);
  CHECK(block.channels[0].active_power == Watts{-450.0});
  CHECK(block.channels[0].power_factor->value() == Approx(-0.998).epsilon(1e-7));
}

TEST_CASE("TV4: a power factor of NaN without current is no value and no fault") {
  auto bytes = lamp_with(i0_rms, 0.0F);
  const auto factor = hex<4>("00 00 C0 7F");
  std::copy(factor.begin(), factor.end(), bytes.begin() + pf0);
  const auto block = decode_live(bytes, Variant::ui1);
  CHECK(block.channels[0].current == Amperes{0.0});
  CHECK_FALSE(block.channels[0].power_factor);
  CHECK(block.rejected == 0);
}

TEST_CASE("a power factor of NaN under load is a fault of that field alone") {
  const auto block = decode_live(lamp_with(pf0, not_a_number), Variant::ui1);
  CHECK_FALSE(block.channels[0].power_factor);
  CHECK(block.rejected == 1);
  CHECK(block.channels[0].active_power);
  CHECK(block.channels[0].current);
  CHECK(block.voltage);
}

TEST_CASE("a placeholder power factor without current is not published") {
  auto bytes = lamp_with(i0_rms, 0.0F);
  store_f32(bytes, pf0, 1.0F);
  CHECK_FALSE(decode_live(bytes, Variant::ui1).channels[0].power_factor);
}

TEST_CASE("no voltage is a mains outage, not a missing value") {
  auto bytes = lamp_with(u_rms, 0.0F);
  const auto block = decode_live(bytes, Variant::ui1);
  CHECK(block.voltage == Volts{0.0});
  CHECK(block.rejected == 0);
}

TEST_CASE("a value outside the hardware's range is absent, counted, and spares its neighbours") {
  struct Case {
    std::size_t offset;
    float value;
  };
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto bad = GENERATE_COPY(values<Case>({{u_rms, 500.5F},
                                               {u_rms, -1.0F},
                                               {u_rms, not_a_number},
                                               {u_rms, infinity},
                                               {i0_rms, 150.5F},
                                               {i0_rms, -0.1F},
                                               {p0, 30001.0F},
                                               {p0, -30001.0F},
                                               {pf0, 1.6F},
                                               {pf0, -1.6F}}));
  CAPTURE(bad.offset, bad.value);
  const auto block = decode_live(lamp_with(bad.offset, bad.value), Variant::ui1);
  CHECK(block.rejected == 1);
  CHECK(block.voltage.has_value() == (bad.offset != u_rms));
  CHECK(block.channels[0].current.has_value() == (bad.offset != i0_rms));
  CHECK(block.channels[0].active_power.has_value() == (bad.offset != p0));
}

TEST_CASE("the limits themselves are still values: more than 10 kW is normal") {
  CHECK(decode_live(lamp_with(p0, 23000.0F), Variant::ui1).channels[0].active_power == Watts{23000.0});
  CHECK(decode_live(lamp_with(p0, -30000.0F), Variant::ui1).rejected == 0);
  CHECK(decode_live(lamp_with(u_rms, 500.0F), Variant::ui1).rejected == 0);
}

TEST_CASE("a current-only module has no voltage, power or power factor") {
  auto bytes = LiveBytes{};
  store_f32(bytes, i0_rms, 3.84F);
  store_f32(bytes, i0_rms + 4, 2.55F);
  store_f32(bytes, i0_rms + 8, 5.84F);
  const auto block = decode_live(bytes, Variant::i3);
  CHECK_FALSE(block.voltage);
  CHECK_FALSE(block.voltage_peak);
  CHECK(block.channels[0].current->value() == Approx(3.84).epsilon(1e-6));
  CHECK(block.channels[1].current->value() == Approx(2.55).epsilon(1e-6));
  CHECK(block.channels[2].current->value() == Approx(5.84).epsilon(1e-6));
  for (const auto& channel : block.channels) {
    CHECK_FALSE(channel.active_power);
    CHECK_FALSE(channel.power_factor);
  }
  CHECK(block.rejected == 0);
}

TEST_CASE("three channels keep their order in every quantity") {
  LiveBytes bytes{};
  for (std::size_t i = 0; i < 14; ++i) store_f32(bytes, 4 * i, static_cast<float>(i + 1) / 10.0F);
  store_f32(bytes, u_rms, 230.0F);
  const auto block = decode_live(bytes, Variant::ui3);
  CHECK(block.voltage_peak->value() == Approx(0.2));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto n = static_cast<double>(i);
    CHECK(block.channels[i].current->value() == Approx(0.3 + n / 10));
    CHECK(block.channels[i].current_peak->value() == Approx(0.6 + n / 10));
    CHECK(block.channels[i].active_power->value() == Approx(0.9 + n / 10));
    CHECK(block.channels[i].power_factor->value() == Approx(1.2 + n / 10));
  }
}

TEST_CASE("reactive power is signed and follows the variant") {
  ReactiveBytes bytes{};
  store_f32(bytes, 0, -120.5F);
  store_f32(bytes, 4, 30.0F);
  store_f32(bytes, 8, not_a_number);
  const auto block = decode_reactive(bytes, Variant::ui3);
  CHECK(block.power[0] == Vars{-120.5});
  CHECK(block.power[1] == Vars{30.0});
  CHECK_FALSE(block.power[2]);
  CHECK(block.rejected == 1);
  CHECK(decode_reactive(bytes, Variant::ui2).rejected == 0);
  CHECK_FALSE(decode_reactive(bytes, Variant::i3).power[0]);
}

TEST_CASE("frequency is refined by the half period when both agree") {
  CHECK(decode_frequency(hex<3>("32 10 27")).frequency == Hertz{50.0});
  CHECK(decode_frequency(hex<3>("32 06 27")).frequency->value() == Approx(50.05).epsilon(1e-4));  // 9990 µs
  CHECK(decode_frequency(hex<3>("3C 8D 20")).frequency->value() == Approx(60.0).epsilon(1e-4));   // 8333 µs
}

TEST_CASE("a half period that tells another story is not believed") {
  CHECK(decode_frequency(hex<3>("32 8D 20")).frequency == Hertz{50.0});
  CHECK(decode_frequency(hex<3>("32 00 00")).frequency == Hertz{50.0});
}

TEST_CASE("no zero crossing is no frequency, and no fault") {
  const auto none = decode_frequency(hex<3>("00 10 27"));
  CHECK_FALSE(none.frequency);
  CHECK(none.rejected == 0);
  const auto wild = decode_frequency(hex<3>("FF 10 27"));
  CHECK_FALSE(wild.frequency);
  CHECK(wild.rejected == 1);
  CHECK(decode_frequency(hex<3>("28 00 00")).frequency == Hertz{40.0});
  CHECK(decode_frequency(hex<3>("46 00 00")).frequency == Hertz{70.0});
}
