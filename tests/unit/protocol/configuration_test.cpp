// Everything that is written to a module, byte for byte as the vectors of protocol 15 have it.
#include <vector>

#include "hex.hpp"
#include "protocol/address_change.hpp"
#include "protocol/capture.hpp"
#include "protocol/label.hpp"
#include "protocol/sensor.hpp"
#include "protocol/settings.hpp"
#include "protocol/threshold.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::test::hex;

namespace {

/// "68 4D | 69 79": the writes as the bytes after the address.
template <std::size_t N>
std::vector<std::uint8_t> bytes_of(const std::array<RegisterWrite, N>& writes) {
  std::vector<std::uint8_t> bytes;
  for (const auto& write : writes) {
    for (const auto byte : encode(write)) bytes.push_back(byte);
  }
  return bytes;
}

template <std::size_t N>
std::vector<std::uint8_t> expected(std::string_view text) {
  const auto bytes = hex<N>(text);
  return {bytes.begin(), bytes.end()};
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("TV5, TV8, TV10, TV13: commands and acknowledges are two bytes") {
  CHECK(encode(Command::latch_period) == hex<2>("01 27"));
  CHECK(encode(Command::save_user_config) == hex<2>("01 32"));
  CHECK(encode(Command::reset) == hex<2>("01 01"));
  CHECK(encode(Command::clear_error) == hex<2>("01 31"));
  CHECK(encode(Command::commit_addr) == hex<2>("01 30"));
  CHECK(encode(acknowledge_write(Event::period_ready)) == hex<2>("2A 01"));
  CHECK(encode(acknowledge_write(Event::error)) == hex<2>("2A 08"));
  CHECK(encode(acknowledge_write(Events{Event::reset_occurred} | Event::period_ready)) == hex<2>("2A 21"));
}

TEST_CASE("TV9: thresholds of 30 A and 5000 W, from off") {
  const auto current = encode_current_threshold(Amperes{30.0});
  const auto power = encode_power_threshold(Watts{5000.0});
  REQUIRE(current);
  REQUIRE(power);
  CHECK(*current == 0x0BB8);
  CHECK(*power == 0x1388);
  CHECK(bytes_of(threshold_writes(reg::thresh_i_hi, threshold_off, *current)) == expected<4>("2C B8 | 2D 0B"));
  CHECK(bytes_of(threshold_writes(reg::thresh_p_hi, threshold_off, *power)) == expected<4>("2E 88 | 2F 13"));
}

TEST_CASE("a threshold never passes below both the old and the new value on its way") {
  const std::array<std::uint16_t, 12> values{0x0000, 0x0001, 0x00FF, 0x0100, 0x01FF, 0x0BB8,
                                             0x1388, 0x7FFF, 0x8000, 0xFF00, 0xFFFE, 0xFFFF};
  for (const auto from : values) {
    for (const auto to : values) {
      std::array<std::uint8_t, 2> registers{static_cast<std::uint8_t>(from & 0xFFU), static_cast<std::uint8_t>(from >> 8U)};
      for (const auto& write : threshold_writes(reg::thresh_i_hi, from, to)) {
        registers.at(static_cast<std::size_t>(write.reg - reg::thresh_i_hi)) = write.value;
        CAPTURE(from, to);
        CHECK(load_u16(registers, 0) >= std::min(from, to));
      }
      CHECK(load_u16(registers, 0) == to);
    }
  }
}

TEST_CASE("thresholds outside the register are refused with the range, absent ones are off") {
  CHECK(*encode_current_threshold(std::nullopt) == threshold_off);
  CHECK(*encode_power_threshold(std::nullopt) == threshold_off);
  CHECK(*encode_current_threshold(Amperes{655.34}) == 0xFFFE);
  CHECK(contains(encode_current_threshold(Amperes{655.36}).error().detail, "655.34 A"));
  CHECK(encode_current_threshold(Amperes{-1.0}).error().is(Errc::config_invalid));
  CHECK(contains(encode_power_threshold(Watts{65535.0}).error().detail, "65534 W"));
  CHECK_FALSE(decode_current_threshold(threshold_off));
  CHECK(decode_current_threshold(0x0BB8)->value() == Approx(30.0));
  CHECK(decode_power_threshold(0x1388) == Watts{5000.0});
}

TEST_CASE("TV11: class, then model, then bind") {
  CHECK(encode(sensor_class_write(SensorClass::sct_013)) == hex<2>("25 01"));
  CHECK(bytes_of(*bind_ct_writes(Variant::ui1, ChannelIndex{0}, 3)) == expected<4>("05 03 | 01 28"));
  CHECK(ct_mirror(ChannelIndex{0}) == 0x51);
}

TEST_CASE("TV12: three different sensors on an I3") {
  CHECK(bytes_of(*bind_ct_writes(Variant::i3, ChannelIndex{0}, 1)) == expected<4>("05 01 | 01 28"));
  CHECK(bytes_of(*bind_ct_writes(Variant::i3, ChannelIndex{1}, 3)) == expected<4>("05 03 | 01 29"));
  CHECK(bytes_of(*bind_ct_writes(Variant::i3, ChannelIndex{2}, 6)) == expected<4>("05 06 | 01 2A"));
  CHECK(ct_mirror(ChannelIndex{2}) == 0x53);
}

TEST_CASE("TV12: what the firmware refuses is refused before it is written") {
  CHECK(check_ct_model(SensorClass::sct_013, 3));
  const auto uncharacterised = check_ct_model(SensorClass::sct_013, 5);
  REQUIRE_FALSE(uncharacterised);
  CHECK(uncharacterised.error().is(Errc::config_invalid));
  CHECK(contains(uncharacterised.error().detail, "SCT-013-100 is not characterised"));
  CHECK(contains(uncharacterised.error().detail, "SCT-013-050"));
  CHECK(check_ct_model(SensorClass::sct_013, 5, true));
  CHECK_FALSE(check_ct_model(SensorClass::sct_013, 0));
  CHECK_FALSE(check_ct_model(SensorClass::sct_013, 8, true));
  CHECK_FALSE(check_ct_model(SensorClass::unset, 3));
  CHECK_FALSE(check_ct_model(SensorClass::builtin_ct, 1));
  CHECK(check_ct_model(SensorClass::wired_ct, 3));
  CHECK_FALSE(check_ct_model(SensorClass::wired_ct, 4));
}

TEST_CASE("a channel that the variant lacks cannot be bound") {
  const auto writes = bind_ct_writes(Variant::ui1, ChannelIndex{1}, 3);
  REQUIRE_FALSE(writes);
  CHECK(writes.error().detail == "a module of variant UI1 has no channel 1: its channels are 0 to 0");
}

TEST_CASE("sensors are found by name, digits or rating, and codes are not in the order of ratings") {
  const auto text = GENERATE(values<std::string>({"SCT-013-020", "sct-013-020", "020", "20A", "20 a"}));
  const auto* model = find_ct_model(std::string_view{text});
  REQUIRE(model != nullptr);
  CHECK(model->code == 6);
  CHECK(model->rated == Amperes{20.0});
  CHECK(find_ct_model(std::uint8_t{6}) == model);
}

TEST_CASE("what is no sensor is not guessed") {
  for (const std::string_view text : {"", "A", " A", "SCT-013", "25A", "20", "1000A", "-5A", "2.0A"})
    CHECK(find_ct_model(text) == nullptr);
  CHECK(find_ct_model(std::uint8_t{0}) == nullptr);
  CHECK(find_ct_model(std::uint8_t{8}) == nullptr);
  CHECK(sct_013_models().size() == 7);
}

TEST_CASE("TV13: an address change is staged, armed and committed in this order") {
  CHECK(bytes_of(*address_change_writes(I2cAddress{0x51})) == expected<6>("30 51 | 31 A5 | 01 30"));
}

TEST_CASE("TV13: addresses outside 0x08 to 0x77 are refused") {
  CHECK(check_module_address(I2cAddress{0x08}));
  CHECK(check_module_address(I2cAddress{0x77}));
  for (const std::uint8_t address : {std::uint8_t{0x00}, std::uint8_t{0x07}, std::uint8_t{0x78}, std::uint8_t{0xFF}}) {
    CHECK_FALSE(check_module_address(I2cAddress{address}));
    CHECK_FALSE(address_change_writes(I2cAddress{address}));
  }
  CHECK(address_change_writes(I2cAddress{0x78}).error().detail == "0x78 is no address for a module: 0x08 to 0x77 are");
}

TEST_CASE("TV14: a label is eight writes of one byte") {
  const auto label = encode_label("MyMeter1");
  REQUIRE(label);
  CHECK(bytes_of(label_writes(*label)) == expected<16>("68 4D | 69 79 | 6A 4D | 6B 65 | 6C 74 | 6D 65 | 6E 72 | 6F 31"));
  CHECK(decode_label(*label) == "MyMeter1");
}

TEST_CASE("a shorter label is padded with zeros, an empty one clears") {
  CHECK(*encode_label("boiler") == hex<8>("62 6F 69 6C 65 72 00 00"));
  CHECK(*encode_label("") == LabelBytes{});
  CHECK(decode_label(LabelBytes{}).empty());
}

TEST_CASE("a label that does not fit or is not ASCII is refused with the reason") {
  CHECK(contains(encode_label("MyMeter12").error().detail, "\"MyMeter12\" has 9 bytes"));
  CHECK(contains(encode_label("Zähler").error().detail, "character 2"));
  CHECK_FALSE(encode_label("a\tb"));
  CHECK_FALSE(encode_label(std::string_view{"a\0b", 3}));
  CHECK(encode_label("PV #2"));
}

TEST_CASE("TV17: capture pages are selected by one write and read as 32 codes") {
  CHECK(encode(Command::capture_raw) == hex<2>("01 38"));
  CHECK(encode(capture_page_write(7)) == hex<2>("19 07"));
  std::array<std::uint8_t, 64> window{};
  window[0] = 0x00;
  window[1] = 0x08;
  window[62] = 0x34;
  window[63] = 0x02;
  const auto page = decode_capture_page(window);
  CHECK(page.front() == capture_centre);
  CHECK(page.back() == 0x0234);
  CHECK(capture_samples == 256);
}

TEST_CASE("TV8 and TV11: the settings burst shows what was configured") {
  const auto settings =
      decode_settings(hex<18>("32 10 27 | 00 | 01 | 01 | 00 | 01 | 03 | 0F | 20 | 06 | B8 0B | 88 13 | 51 | 00"));
  CHECK(settings.frequency.frequency == Hertz{50.0});
  CHECK(settings.topology == 1);
  CHECK(settings.sensor_class == SensorClass::sct_013);
  CHECK(settings.fleet.has(FleetBit::gc_enable));
  CHECK(settings.group == 3);
  CHECK(settings.digest.raw() == 0x0F);
  CHECK(settings.events.has(Event::reset_occurred));
  CHECK(settings.event_mask.raw() == 0x06);
  CHECK(settings.threshold_current->value() == Approx(30.0));
  CHECK(settings.threshold_power == Watts{5000.0});
  CHECK(settings.address == I2cAddress{0x51});
}

TEST_CASE("a virgin module is not set up: no class, no broadcast, thresholds off") {
  const auto settings =
      decode_settings(hex<18>("00 00 00 | 00 | 03 | 00 | 00 | 00 | 00 | 00 | 28 | 00 | FF FF | FF FF | 50 | 00"));
  CHECK(settings.sensor_class == SensorClass::unset);
  CHECK_FALSE(settings.fleet.has(FleetBit::gc_enable));
  CHECK_FALSE(settings.threshold_current);
  CHECK_FALSE(settings.threshold_power);
  CHECK_FALSE(settings.frequency.frequency);
  CHECK(settings.address == default_module_address);
}
