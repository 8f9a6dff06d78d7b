#include "protocol/digest.hpp"

#include "hex.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::test::hex;

namespace {

constexpr DigestMask everything{0x0F};

// Protocol 10.3: UI1, mask 0x0F, 5.23 A, 230.4 V, 1203 W, PF 0.99, sequence 123.
constexpr std::string_view worked_example = "01 7B 0B 02 00 09 B3 04 63 | 00 00 00 00 00 00 00 00 00 00 00 00 00";

Digest worked_values() {
  Digest digest;
  digest.status = Status{0x01};
  digest.sequence = 123;
  digest.current[0] = Amperes{5.23};
  digest.voltage = Volts{230.4};
  digest.power[0] = Watts{1203.0};
  digest.power_factor[0] = PowerFactor{0.99};
  return digest;
}

}  // namespace

TEST_CASE("TV15: the worked example decodes and encodes byte for byte") {
  const auto digest = decode_digest(hex<22>(worked_example), everything, Variant::ui1);
  CHECK(digest.status.has(StatusBit::ready));
  CHECK(digest.sequence == 123);
  CHECK(digest.current[0]->value() == Approx(5.23));
  CHECK(digest.voltage->value() == Approx(230.4));
  CHECK(digest.power[0] == Watts{1203.0});
  CHECK(digest.power_factor[0]->value() == Approx(0.99));
  CHECK_FALSE(digest.current[1]);
  CHECK(digest.rejected == 0);
  CHECK(encode_digest(worked_values(), everything, Variant::ui1) == hex<22>(worked_example));
  CHECK(digest_length(everything, Variant::ui1) == 9);
}

TEST_CASE("export is signed in the digest, its power factor is not") {
  auto values = worked_values();
  values.power[0] = Watts{-450.0};
  values.power_factor[0] = PowerFactor{-0.99};
  const auto bytes = encode_digest(values, everything, Variant::ui1);
  CHECK(bytes[6] == 0x3E);
  CHECK(bytes[7] == 0xFE);
  CHECK(bytes[8] == 0x63);
  CHECK(decode_digest(bytes, everything, Variant::ui1).power[0] == Watts{-450.0});
}

TEST_CASE("without the power factor bit its byte is dropped") {
  auto without = hex<22>(worked_example);
  without[8] = 0x00;
  CHECK(encode_digest(worked_values(), DigestMask{0x07}, Variant::ui1) == without);
  CHECK(digest_length(DigestMask{0x07}, Variant::ui1) == 8);
  CHECK_FALSE(decode_digest(without, DigestMask{0x07}, Variant::ui1).power_factor[0]);
}

TEST_CASE("a current-only I3 packs three currents") {
  constexpr std::string_view example = "01 7C 80 01 FF 00 48 02 | 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
  const DigestMask currents{DigestField::current};
  const auto digest = decode_digest(hex<22>(example), currents, Variant::i3);
  CHECK(digest.sequence == 124);
  CHECK(digest.current[0]->value() == Approx(3.84));
  CHECK(digest.current[1]->value() == Approx(2.55));
  CHECK(digest.current[2]->value() == Approx(5.84));
  CHECK_FALSE(digest.voltage);
  CHECK(encode_digest(digest, currents, Variant::i3) == hex<22>(example));
}

TEST_CASE("lengths follow mask and variant") {
  CHECK(digest_length(everything, Variant::ui2) == 14);
  CHECK(digest_length(everything, Variant::ui3) == 19);
  CHECK(digest_length(DigestMask{DigestField::current}, Variant::i3) == 8);
  CHECK(digest_length(DigestMask{}, Variant::ui3) == 0);
}

TEST_CASE("TV15: masks that the module would refuse are known before") {
  CHECK(is_supported(everything, Variant::ui1));
  CHECK_FALSE(is_supported(DigestMask{0x02}, Variant::i3));
  CHECK(is_supported(DigestMask{0x01}, Variant::i3));
  CHECK(is_supported(DigestMask{0x00}, Variant::i3));
  for (const std::uint8_t reserved : {std::uint8_t{0x10}, std::uint8_t{0x80}, std::uint8_t{0xFF}}) {
    CHECK_FALSE(is_supported(DigestMask{reserved}, Variant::ui3));
  }
}

TEST_CASE("a disabled digest tells nothing, not zeros") {
  const auto digest = decode_digest(DigestBytes{}, DigestMask{}, Variant::ui3);
  CHECK_FALSE(digest.current[0]);
  CHECK_FALSE(digest.voltage);
  CHECK(digest.status.none());
}

TEST_CASE("fields saturate when encoded and are checked when decoded, each alone") {
  auto values = worked_values();
  values.power[0] = Watts{40'000.0};
  values.current[0] = Amperes{1000.0};
  const auto bytes = encode_digest(values, everything, Variant::ui1);
  CHECK(load_u16(bytes, 2) == 0xFFFF);
  CHECK(load_u16(bytes, 6) == 0x7FFF);
  const auto digest = decode_digest(bytes, everything, Variant::ui1);
  CHECK_FALSE(digest.current[0]);
  CHECK_FALSE(digest.power[0]);
  CHECK(digest.rejected == 2);
  CHECK(digest.voltage->value() == Approx(230.4));

  auto wild = hex<22>(worked_example);
  wild[8] = 101;
  CHECK_FALSE(decode_digest(wild, everything, Variant::ui1).power_factor[0]);
}

TEST_CASE("three channels stay in their order in every field") {
  Digest values;
  values.voltage = Volts{230.0};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto n = static_cast<double>(i);
    values.current[i] = Amperes{1.0 + n};
    values.power[i] = Watts{-100.0 * (n + 1)};
    values.power_factor[i] = PowerFactor{0.5 + n / 10};
  }
  const auto digest = decode_digest(encode_digest(values, everything, Variant::ui3), everything, Variant::ui3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(digest.current[i]->value() == Approx(values.current[i]->value()));
    CHECK(digest.power[i] == values.power[i]);
    CHECK(digest.power_factor[i]->value() == Approx(values.power_factor[i]->value()));
  }
}
