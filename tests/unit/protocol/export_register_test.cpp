// The export that some firmware averages itself. Protocol 1.3, D31.
#include <cmath>
#include <limits>

#include "protocol/bytes.hpp"
#include "protocol/export_register.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;

namespace {

std::array<std::uint8_t, export_block_size> block(float ch0, float ch1, float ch2) {
  std::array<std::uint8_t, export_block_size> bytes{};
  store_f32(bytes, 0, ch0);
  store_f32(bytes, 4, ch1);
  store_f32(bytes, 8, ch2);
  return bytes;
}

}  // namespace

TEST_CASE("export is a positive number, whichever sign the firmware writes") {
  const auto power = decode_export(block(450.0F, -450.0F, 0.0F), Variant::ui3);
  CHECK(power[0]->value() == 450.0);
  CHECK(power[1]->value() == 450.0);
  CHECK(power[2]->value() == 0.0);
}

TEST_CASE("what no hardware can deliver is no export, and channels that the variant lacks have none") {
  const auto power = decode_export(block(std::numeric_limits<float>::quiet_NaN(), 40'000.0F, 5.0F), Variant::ui2);
  CHECK_FALSE(power[0]);
  CHECK_FALSE(power[1]);
  CHECK_FALSE(power[2]);
  CHECK_FALSE(decode_export(block(5.0F, 5.0F, 5.0F), Variant::i3)[0]);
}

TEST_CASE("no address of the published map is taken for an export register, also not by its last byte") {
  for (const unsigned first : {0x00U, 0x2AU, 0x31U, 0x3BU, 0x45U, 0x51U, 0x86U, 0xBEU, 0xCFU, 0xDCU, 0xE4U}) {
    INFO(first);
    CHECK_FALSE(named_register_in_export_block(static_cast<std::uint8_t>(first)).empty());
  }
  for (const unsigned first : {0x32U, 0x34U, 0x3AU, 0xF0U, 0xF4U}) {
    INFO(first);
    CHECK(named_register_in_export_block(static_cast<std::uint8_t>(first)).empty());
  }
}
