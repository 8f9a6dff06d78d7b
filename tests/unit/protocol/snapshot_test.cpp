#include "protocol/snapshot.hpp"

#include <limits>

#include "hex.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::test::hex;
using namespace std::chrono_literals;

namespace {

// TV5
SnapshotBytes vector_5() {
  return join_snapshot(hex<18>("2D 01 00 00 | 00 00 00 00 | 00 00 00 00 | 70 AD 00 00 | 01 | 00"),
                       hex<8>("00 50 9A 44 | 00 00 FA 44"), hex<4>("70 AD 00 00"));
}

constexpr std::size_t at(reg::Address address) { return static_cast<std::size_t>(address - snapshot_start); }
constexpr FirmwareTier basic{0x00};
constexpr FirmwareTier standard{0x05};

}  // namespace

TEST_CASE("TV5: a snapshot bills 20.579115 Wh over the master's 60.012 s") {
  const auto snapshot = decode_snapshot(vector_5(), Variant::ui1, basic);
  REQUIRE(snapshot.mean_power[0]);
  CHECK(*snapshot.mean_power[0] == Watts{1234.5});
  CHECK(snapshot.max_power == Watts{2000.0});
  CHECK(snapshot.commit_count == 301);
  CHECK(snapshot.period_time == 44400ms);
  CHECK(snapshot.latch_time == 44400ms);
  CHECK(snapshot.is_live_valid);
  CHECK(snapshot.rejected == 0);
  CHECK_FALSE(snapshot.mean_power[1]);
  CHECK((*snapshot.mean_power[0] * Hours{60012ms}).value() == Approx(20.579115).epsilon(1e-12));
  CHECK(is_plausible_chip_time(snapshot.latch_time, 60012ms));
}

TEST_CASE("the burst and its three parts are the same snapshot") {
  SnapshotBytes burst{};
  for (std::size_t i = 0; i < burst.size(); ++i) burst.at(i) = static_cast<std::uint8_t>(i + 1);
  const std::span whole{burst};
  const auto joined = join_snapshot(whole.subspan<0, 18>(), whole.subspan<at(reg::period_avg_p), 8>(),
                                    whole.subspan<at(reg::period_latch_ms), 4>());
  CHECK(same_snapshot(burst, joined));
  CHECK(witness_of(burst) == witness_of(joined));
  CHECK(joined[at(reg::q0_reac)] == 0);
}

TEST_CASE("the witness holds AVG of three channels, MAX and LATCH_MS in register bytes") {
  auto bytes = vector_5();
  store_f32(bytes, at(reg::period_avg_p_ch1), 1.0F);
  store_f32(bytes, at(reg::period_avg_p_ch2), 2.0F);
  CHECK(witness_of(bytes) == hex<20>("00 50 9A 44 | 00 00 80 3F | 00 00 00 40 | 00 00 FA 44 | 70 AD 00 00"));
}

TEST_CASE("only latched bytes decide whether two reads agree") {
  const auto first = vector_5();
  const auto changed = [&first](reg::Address address) {
    auto bytes = first;
    bytes.at(at(address)) ^= 0x01U;
    return bytes;
  };
  CHECK(same_snapshot(first, changed(reg::period_commit_cnt)));
  CHECK(same_snapshot(first, changed(reg::period_ms)));
  CHECK(same_snapshot(first, changed(reg::q0_reac)));
  for (const auto address :
       {reg::period_avg_p, reg::period_avg_p_ch1, reg::period_avg_p_ch2, reg::period_max_p, reg::period_latch_ms}) {
    for (std::uint8_t byte = 0; byte < 4; ++byte)
      CHECK_FALSE(same_snapshot(first, changed(static_cast<std::uint8_t>(address + byte))));
  }
}

TEST_CASE("channels are found in their scattered registers") {
  auto bytes = vector_5();
  store_f32(bytes, at(reg::period_avg_p), 100.0F);
  store_f32(bytes, at(reg::period_avg_p_ch1), 200.0F);
  store_f32(bytes, at(reg::period_avg_p_ch2), 300.0F);
  const auto snapshot = decode_snapshot(bytes, Variant::ui3, basic);
  CHECK(snapshot.mean_power[0] == Watts{100.0});
  CHECK(snapshot.mean_power[1] == Watts{200.0});
  CHECK(snapshot.mean_power[2] == Watts{300.0});
}

TEST_CASE("a current-only module has no period power, not zero") {
  const auto snapshot = decode_snapshot(vector_5(), Variant::i3, basic);
  for (const auto& mean : snapshot.mean_power) CHECK_FALSE(mean);
  CHECK_FALSE(snapshot.max_power);
  CHECK(snapshot.commit_count == 301);
}

TEST_CASE("a negative mean is a fault on BASIC and export on a bidirectional tier") {
  auto bytes = vector_5();
  store_f32(bytes, at(reg::period_avg_p), -450.0F);
  const auto clamped = decode_snapshot(bytes, Variant::ui1, basic);
  CHECK_FALSE(clamped.mean_power[0]);
  CHECK(clamped.rejected == 1);
  CHECK(decode_snapshot(bytes, Variant::ui1, standard).mean_power[0] == Watts{-450.0});
}

TEST_CASE("one damaged mean spares the other channels") {
  auto bytes = vector_5();
  store_f32(bytes, at(reg::period_avg_p_ch1), std::numeric_limits<float>::quiet_NaN());
  const auto snapshot = decode_snapshot(bytes, Variant::ui2, basic);
  CHECK(snapshot.mean_power[0] == Watts{1234.5});
  CHECK_FALSE(snapshot.mean_power[1]);
  CHECK(snapshot.rejected == 1);
}

TEST_CASE("an idle period is zero watts, also with a negative zero") {
  auto bytes = vector_5();
  store_f32(bytes, at(reg::period_avg_p), -0.0F);
  const auto snapshot = decode_snapshot(bytes, Variant::ui1, basic);
  CHECK(snapshot.mean_power[0] == Watts{0.0});
  CHECK(snapshot.rejected == 0);
}

TEST_CASE("the chip clock is plausible from 0.70 to 1.05 of the master's") {
  CHECK(is_plausible_chip_time(700ms, 1000ms));
  CHECK(is_plausible_chip_time(1050ms, 1000ms));
  CHECK_FALSE(is_plausible_chip_time(699ms, 1000ms));
  CHECK_FALSE(is_plausible_chip_time(1051ms, 1000ms));
}
