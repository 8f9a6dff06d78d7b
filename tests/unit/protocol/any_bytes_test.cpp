// Whatever a disturbed bus delivers: no decoder may fail, and nothing implausible may come out.
#include <cmath>
#include <random>

#include "protocol/digest.hpp"
#include "protocol/identity.hpp"
#include "protocol/limits.hpp"
#include "protocol/live_block.hpp"
#include "protocol/settings.hpp"
#include "protocol/snapshot.hpp"
#include "protocol/state.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;

namespace {

class AnyBytes {
 public:
  template <std::size_t N>
  std::array<std::uint8_t, N> take() {
    std::array<std::uint8_t, N> bytes{};
    // Mostly noise; stuck lines give all ones or all zeros.
    const auto kind = byte_(engine_) % 8;
    for (auto& byte : bytes)
      byte = kind == 0 ? std::uint8_t{0xFF} : kind == 1 ? std::uint8_t{0} : static_cast<std::uint8_t>(byte_(engine_));
    return bytes;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(byte_(engine_)); }
  Variant variant() { return *variant_of(static_cast<std::uint8_t>(byte_(engine_) % 6 + 1)); }

 private:
  std::mt19937 engine_{20260105};
  std::uniform_int_distribution<unsigned> byte_{0, 255};
};

template <class Quantity>
bool is_plausible(const std::optional<Quantity>& value, double low, double high) {
  return !value || (std::isfinite(value->value()) && value->value() >= low && value->value() <= high);
}

constexpr int rounds = 4'000;

}  // namespace

TEST_CASE("no bytes make a live value outside the hardware's range") {
  AnyBytes any;
  for (int i = 0; i < rounds; ++i) {
    const auto variant = any.variant();
    const auto block = decode_live(any.take<live_size>(), variant);
    bool good = is_plausible(block.voltage, 0.0, max_voltage);
    unsigned present = 0;
    for (const auto& channel : block.channels) {
      good = good && is_plausible(channel.current, 0.0, max_current) &&
             is_plausible(channel.active_power, -max_power, max_power) &&
             is_plausible(channel.power_factor, -max_power_factor, max_power_factor);
      present += channel.current ? 1U : 0U;
    }
    REQUIRE(good);
    REQUIRE(present <= channel_count(variant));
    REQUIRE(is_plausible(decode_frequency(any.take<frequency_size>()).frequency, min_frequency - 1.0, max_frequency + 1.0));
    for (const auto& power : decode_reactive(any.take<reactive_size>(), variant).power)
      REQUIRE(is_plausible(power, -max_power, max_power));
  }
}

TEST_CASE("no bytes make a period that could bill negative or absurd energy on BASIC") {
  AnyBytes any;
  for (int i = 0; i < rounds; ++i) {
    const auto snapshot = decode_snapshot(any.take<snapshot_size>(), any.variant(), FirmwareTier{});
    for (const auto& mean : snapshot.mean_power) REQUIRE(is_plausible(mean, 0.0, max_power));
  }
}

TEST_CASE("no bytes are taken for a module unless variant, product and voltage bit agree") {
  AnyBytes any;
  for (int i = 0; i < rounds; ++i) {
    const auto burst = any.take<identity_size>();
    const auto chip = classify(any.byte(), burst);
    REQUIRE_FALSE(describe(chip).empty());
    if (chip.kind != ChipKind::rbamp) continue;
    REQUIRE(chip.version >= 0x04);
    REQUIRE(chip.version != 0xFF);
    REQUIRE(chip.product == 0x01);
    REQUIRE(has_voltage(chip.identity.variant) == ((burst[4] & 0x01U) != 0));
  }
}

TEST_CASE("no bytes break the other decoders") {
  AnyBytes any;
  for (int i = 0; i < rounds; ++i) {
    const auto evidence = decode_evidence(any.take<evidence_size>());
    REQUIRE_FALSE(to_string(evidence.events).empty());
    REQUIRE_FALSE(to_string(evidence.health.reset_causes).empty());
    REQUIRE_FALSE(to_string(decode_state(any.take<state_size>()).error).empty());
    const auto settings = decode_settings(any.take<settings_size>());
    REQUIRE_FALSE(to_string(settings.sensor_class).empty());
    const auto variant = any.variant();
    const auto digest = decode_digest(any.take<reg::digest_size>(), full_digest(variant), variant);
    REQUIRE(is_plausible(digest.voltage, 0.0, max_voltage));
  }
}
