#include "protocol/identity.hpp"

#include "hex.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::test::hex;

namespace {

// TV1 and TV2 put together: 0x54..0x6F of a UI1 with the label "boiler".
constexpr std::string_view boiler = "01 01 00 9E 07 | FF FF | 00 | 11 22 33 44 55 66 77 88 99 AA BB CC | 62 6F 69 6C 65 72 00 00";
constexpr std::uint8_t v1_3 = 0x04;

IdentityBytes boiler_with(std::size_t offset, std::uint8_t value) {
  auto bytes = hex<28>(boiler);
  bytes.at(offset) = value;
  return bytes;
}

}  // namespace

TEST_CASE("TV1 and TV2: a UI1 with a label is recognised from one burst") {
  const auto chip = classify(v1_3, hex<28>(boiler));
  REQUIRE(chip.kind == ChipKind::rbamp);
  const auto& module = chip.identity;
  CHECK(module.variant == Variant::ui1);
  CHECK(channel_count(module.variant) == 1);
  CHECK(has_voltage(module.variant));
  CHECK(module.tier.name() == FirmwareTier::Name::basic);
  CHECK_FALSE(module.tier.is_bidirectional());
  CHECK(module.capabilities.raw() == 0x079E);
  CHECK(module.capabilities.has(Capability::zc_phase_offset));
  CHECK(module.capabilities.has(Capability::gc_latch));
  CHECK_FALSE(module.capabilities.has(Capability::seal));
  CHECK(to_string(module.uid) == "112233445566778899aabbcc");
  CHECK(module.label == "boiler");
  CHECK(module.gc_tick == 0xFFFF);
  CHECK(require_rbamp(chip).value() == module);
  CHECK(describe(chip) == "rbAmp UI1, firmware v1.3, UID 112233445566778899aabbcc");
}

TEST_CASE("TV1: an I3 has three channels and no voltage") {
  const auto chip =
      classify(v1_3, hex<28>("01 06 00 9E 06 | 2A 00 | 00 | 01 02 03 04 05 06 07 08 09 0A 0B 0C | 00 00 00 00 00 00 00 00"));
  REQUIRE(chip.kind == ChipKind::rbamp);
  CHECK(chip.identity.variant == Variant::i3);
  CHECK(channel_count(chip.identity.variant) == 3);
  CHECK_FALSE(has_voltage(chip.identity.variant));
  CHECK(chip.identity.capabilities.raw() == 0x069E);
  CHECK(chip.identity.label.empty());
  CHECK(chip.identity.gc_tick == 42);
}

TEST_CASE("TV1: an I2 and a UI1 on one address contradict themselves") {
  const auto chip = classify(v1_3, boiler_with(4, 0x06));
  CHECK(chip.kind == ChipKind::contradictory);
  const auto module = require_rbamp(chip);
  REQUIRE_FALSE(module);
  CHECK(module.error().is(Errc::not_rbamp));
  CHECK(module.error().remedy == Remedy::give_up);
  CHECK(module.error().detail.find("two modules") != std::string::npos);
}

TEST_CASE("a current-only variant that claims voltage hardware is refused too") {
  CHECK(classify(v1_3, boiler_with(1, 0x04)).kind == ChipKind::contradictory);
}

TEST_CASE("every variant code has its channels and its voltage input") {
  const std::uint8_t code = GENERATE(as<std::uint8_t>{}, 1, 2, 3, 4, 5, 6);
  const auto variant = variant_of(code);
  REQUIRE(variant);
  CHECK(channel_count(*variant) == (code - 1U) % 3U + 1U);
  CHECK(has_voltage(*variant) == (code <= 3));
  auto bytes = boiler_with(1, code);
  bytes[4] = code <= 3 ? 0x07 : 0x06;
  CHECK(classify(v1_3, bytes).kind == ChipKind::rbamp);
}

TEST_CASE("the bench capability values pass: bits are hints, only the voltage bit decides") {
  auto bytes = boiler_with(3, 0x18);
  bytes[4] = 0x07;
  CHECK(classify(v1_3, bytes).kind == ChipKind::rbamp);
}

TEST_CASE("what is no rbAmp is named and never used") {
  SECTION("blank EEPROM") {
    IdentityBytes blank{};
    blank.fill(0xFF);
    CHECK(classify(0xFF, blank).kind == ChipKind::foreign);
  }
  SECTION("chip that returns zeros, unless REG_ERROR says that it is a clone") {
    CHECK(classify(0x00, IdentityBytes{}).kind == ChipKind::foreign);
    CHECK(may_be_clone(0x00, IdentityBytes{}));
    CHECK_FALSE(may_be_clone(v1_3, hex<28>(boiler)));
  }
  SECTION("other product with a plausible version") {
    CHECK(classify(v1_3, boiler_with(0, 0x55)).kind == ChipKind::foreign);
    CHECK(describe(classify(v1_3, boiler_with(0, 0x55))).find("PRODUCT_ID 0x55") != std::string::npos);
  }
  SECTION("rbDimmer") { CHECK(classify(v1_3, boiler_with(0, 0x02)).kind == ChipKind::dimmer); }
  SECTION("no variant at all, as the AND of two different ones") {
    CHECK(classify(v1_3, boiler_with(1, 0x00)).kind == ChipKind::contradictory);
  }
  SECTION("variant of the future") {
    CHECK(classify(v1_3, boiler_with(1, 0x07)).kind == ChipKind::unknown_variant);
    CHECK(classify(v1_3, boiler_with(1, 0xFF)).kind == ChipKind::unknown_variant);
  }
  SECTION("old firmware is only a candidate, whatever its identity bytes say") {
    const std::uint8_t version = GENERATE(as<std::uint8_t>{}, 1, 2, 3);
    CHECK(classify(version, hex<28>(boiler)).kind == ChipKind::legacy);
    CHECK_FALSE(require_rbamp(classify(version, hex<28>(boiler))));
  }
  SECTION("a UID of zeros or ones belongs to no chip") {
    for (const std::uint8_t value : {std::uint8_t{0x00}, std::uint8_t{0xFF}}) {
      auto bytes = hex<28>(boiler);
      for (std::size_t i = 8; i < 20; ++i) bytes.at(i) = value;
      CHECK(classify(v1_3, bytes).kind == ChipKind::contradictory);
    }
  }
}

TEST_CASE("later firmware that still says it is an rbAmp is accepted") {
  CHECK(classify(0x05, hex<28>(boiler)).kind == ChipKind::rbamp);
}

TEST_CASE("a broadcast between two reads does not make another chip of it") {
  const auto first = hex<28>(boiler);
  CHECK(same_identity(first, boiler_with(5, 0x2A)));
  CHECK(same_identity(first, boiler_with(6, 0x00)));
  CHECK_FALSE(same_identity(first, boiler_with(1, 0x02)));
  CHECK_FALSE(same_identity(first, boiler_with(8, 0x12)));
  CHECK_FALSE(same_identity(first, boiler_with(27, 0x31)));
}

TEST_CASE("a label that is not printable ASCII cannot reach a terminal or a topic") {
  auto bytes = boiler_with(21, 0x1B);
  bytes[22] = 0xC3;
  CHECK(classify(v1_3, bytes).identity.label == "b??ler");
}

TEST_CASE("a label of eight characters needs no terminator") {
  const auto chip =
      classify(v1_3, hex<28>("01 01 00 9E 07 | FF FF | 00 | 11 22 33 44 55 66 77 88 99 AA BB CC | 4D 79 4D 65 74 65 72 31"));
  CHECK(chip.identity.label == "MyMeter1");
}

TEST_CASE("the tier register splits into name and properties") {
  const FirmwareTier standard{0x05};
  CHECK(standard.name() == FirmwareTier::Name::standard);
  CHECK(standard.is_bidirectional());
  CHECK_FALSE(standard.is_lut_calibrated());
  CHECK(FirmwareTier{0x0A}.name() == FirmwareTier::Name::pro);
  CHECK(FirmwareTier{0x0A}.is_lut_calibrated());
  CHECK(to_string(FirmwareTier{0x03}.name()) == "unknown");
}
