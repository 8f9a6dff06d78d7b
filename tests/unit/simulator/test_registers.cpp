// Register writes and commands: protocol 4, 6, 9.1, 17 S20, S24, S31.
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

using protocol::Command;

}  // namespace

TEST_CASE("a rejected write leaves 0xFE, an accepted one 0x00", "[S20]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  const auto error_after = [&](std::uint8_t reg, std::uint8_t value) {
    house.write(reg, value);
    return house.u8(reg::error);
  };
  CHECK(error_after(reg::sensor_class, 4) == 0xFE);
  CHECK(error_after(reg::sensor_class, 1) == 0x00);
  CHECK(error_after(reg::digest_config, 0x10) == 0xFE);
  CHECK(error_after(reg::digest_config, 0x0F) == 0x00);
  CHECK(error_after(reg::i2c_address, 0x07) == 0xFE);
  CHECK(error_after(reg::i2c_address, 0x78) == 0xFE);
  CHECK(house.u8(reg::i2c_address) == 0x50);
  CHECK(error_after(reg::i2c_address, 0x77) == 0x00);
  CHECK(error_after(reg::capture_page, 8) == 0xFE);
  CHECK(error_after(reg::command, 0x29) == 0xFE);  // channel 1 of a UI1
  CHECK(error_after(reg::command, 0x00) == 0x00);  // NOP
  for (const std::uint8_t gated : Bytes{0x02, 0x20, 0x26, 0x33, 0x34, 0x37, 0xAA, 0x77}) {
    CHECK(error_after(reg::command, gated) == 0xFE);
    CHECK(error_after(reg::command, 0x31) == 0x00);
  }
}

TEST_CASE("W1C leaves REG_ERROR alone, or clears it", "[S20]") {
  auto module = module_with({constant(100)});
  module.quirks.w1c_clears_error = GENERATE(false, true);
  House house{module};
  house.wait(1s);
  house.write(reg::digest_config, 0xFF);
  house.write(reg::event_flags, 0x20);
  CHECK(house.u8(reg::error) == (module.quirks.w1c_clears_error ? 0x00 : 0xFE));
}

TEST_CASE("a write to a read-only register is dropped, or an error", "[S20]") {
  auto module = module_with({constant(100)});
  module.quirks.readonly_write_is_error = GENERATE(false, true);
  House house{module};
  house.wait(1s);
  const auto before = house.read(reg::product_id, 20);
  house.write(reg::product_id, 0x77);
  CHECK(house.read(reg::product_id, 20) == before);
  CHECK(house.u8(reg::error) == (module.quirks.readonly_write_is_error ? 0xFE : 0x00));
}

TEST_CASE("CT models are bound one channel at a time, if the firmware knows them", "[S20]") {
  auto module = module_with({constant(1), constant(1), constant(1)}, Variant::i3);
  module.provisioned = false;
  House house{module};
  house.wait(1s);
  house.write(reg::ct_model, 3);
  house.command(Command::set_ct_model_ch0);
  CHECK(house.u8(reg::error) == 0xFE);  // class 0
  house.write(reg::sensor_class, 1);
  const std::array<std::uint8_t, 3> models{1, 3, 6};  // TV12
  for (std::uint8_t i = 0; i < 3; ++i) {
    house.write(reg::ct_model, models[i]);
    house.write(reg::command, static_cast<std::uint8_t>(0x28 + i));
    CHECK(house.u8(reg::error) == 0x00);
  }
  CHECK(house.read(reg::ct_model_ch0, 3) == Bytes{1, 3, 6});
  house.write(reg::ct_model, 5);
  house.command(Command::set_ct_model_ch0);
  CHECK(house.u8(reg::error) == 0xFE);
  CHECK(house.u8(reg::ct_model_ch0) == 1);
}

TEST_CASE("newer firmware may accept all CT models", "[S20]") {
  auto module = module_with({constant(1)});
  module.quirks.accepts_all_ct_models = true;
  House house{module};
  house.wait(1s);
  house.write(reg::ct_model, 5);
  house.command(Command::set_ct_model_ch0);
  CHECK(house.u8(reg::error) == 0x00);
  CHECK(house.u8(reg::ct_model_ch0) == 5);
}

TEST_CASE("a change of the sensor class unsets the staged model, and the bound ones if so configured", "[S24]") {
  auto module = module_with({constant(100)});
  module.quirks.class_change_clears_mirrors = GENERATE(false, true);
  House house{module};
  house.wait(1s);
  CHECK(house.u8(reg::ct_model) == 3);
  house.write(reg::sensor_class, 1);
  CHECK(house.u8(reg::ct_model) == 3);
  house.write(reg::sensor_class, 2);
  CHECK(house.u8(reg::ct_model) == 0);
  CHECK(house.u8(reg::ct_model_ch0) == (module.quirks.class_change_clears_mirrors ? 0 : 3));
}

TEST_CASE("what was written to which register is counted", "[S31]") {
  House house{module_with({constant(1000)})};
  house.wait_until(1s);
  house.write(reg::group_id, 1);
  house.write(reg::group_id, 2);
  house.command(Command::latch_period);
  CHECK(house.world->counters(0).register_writes[reg::group_id] == 2);
  CHECK(house.world->counters(0).commands[0x27] == 1);
}

}  // namespace rbamp::simulator::test
