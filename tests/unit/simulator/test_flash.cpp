// Flash, address change, resets: protocol 8, 13.3, 13.4, 17 S22, S23, S26.
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

using protocol::Command;

ModuleSettings virgin(Variant variant = Variant::ui1) {
  auto module = module_with({constant(2300)}, variant);
  module.provisioned = false;
  return module;
}

void save(House& house, std::uint8_t address = 0x50) {
  house.command(Command::save_user_config, address);
  house.wait(710ms);
}

void reset(House& house, std::uint8_t address = 0x50) {
  house.command(Command::reset, address);
  house.wait(300ms);
}

}  // namespace

TEST_CASE("an address changes in two steps and at the reset", "[S22]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  SECTION("in order") {  // TV13
    house.write(reg::i2c_address, 0x51);
    CHECK(house.u8(reg::i2c_address) == 0x51);
    house.write(reg::addr_commit_magic, 0xA5);
    CHECK(house.u8(reg::addr_commit_magic) == 0x00);
    house.command(Command::commit_addr);
    house.wait(710ms);
    CHECK(house.u8(reg::error) == 0x00);
    CHECK(house.answers(0x50));
    reset(house);
    CHECK_FALSE(house.answers(0x50));
    CHECK(house.u8(reg::i2c_address, 0x51) == 0x51);
    CHECK(house.world->find("main", I2cAddress{0x50}) == 0);  // by its address in the settings
  }
  SECTION("not armed") {
    house.write(reg::i2c_address, 0x51);
    house.command(Command::commit_addr);
    CHECK(house.u8(reg::error) == 0xFE);
    house.write(reg::addr_commit_magic, 0xA4);
    house.command(Command::commit_addr);
    CHECK(house.u8(reg::error) == 0xFE);
  }
  SECTION("too late") {
    house.write(reg::i2c_address, 0x51);
    house.write(reg::addr_commit_magic, 0xA5);
    house.wait(5100ms);
    house.command(Command::commit_addr);
    CHECK(house.u8(reg::error) == 0xFE);
  }
  SECTION("the magic is used up by an attempt") {
    house.write(reg::addr_commit_magic, 0xA5);
    house.write(reg::i2c_address, 0x51);
    house.command(Command::commit_addr);
    house.wait(710ms);
    house.command(Command::commit_addr);
    CHECK(house.u8(reg::error) == 0xFE);
    CHECK(house.world->state(0).flash.cycles == 1);
  }
  SECTION("staged only: lost at the reset") {
    house.write(reg::i2c_address, 0x51);
    reset(house);
    CHECK(house.u8(reg::i2c_address) == 0x50);
  }
  SECTION("SAVE does not persist an address") {
    house.write(reg::i2c_address, 0x51);
    save(house);
    reset(house);
    CHECK(house.answers(0x50));
  }
}

TEST_CASE("the range of an address may be checked at the commit only", "[S22]") {
  auto module = module_with({constant(100)});
  module.quirks.address_checked_at_commit = true;
  House house{module};
  house.wait(1s);
  house.write(reg::i2c_address, 0x78);
  CHECK(house.u8(reg::error) == 0x00);
  house.write(reg::addr_commit_magic, 0xA5);
  house.command(Command::commit_addr);
  CHECK(house.u8(reg::error) == 0xFE);
  CHECK(house.world->state(0).flash.cycles == 0);
}

TEST_CASE("a virgin module becomes a configured one, and stays it", "[S23][S27]") {
  House house{virgin()};
  house.wait(1s);
  CHECK(house.u8(reg::status) == 0x07);
  CHECK(house.u8(reg::event_flags) == 0x28);
  CHECK(house.u8(reg::error) == 0xFB);
  CHECK(house.u8(reg::sensor_class) == 0);
  CHECK(house.f32(reg::i0_rms) == 0.0);
  house.write(reg::sensor_class, 1);  // TV11
  CHECK(house.u8(reg::error) == 0x00);
  house.write(reg::ct_model, 3);
  house.command(Command::set_ct_model_ch0);
  house.wait(5ms);
  CHECK(house.u8(reg::error) == 0x00);
  CHECK(house.u8(reg::ct_model_ch0) == 3);
  house.write(reg::label, 'x');
  SECTION("not saved: gone at the next reset") {
    reset(house);
    CHECK(house.u8(reg::error) == 0xFB);
    CHECK(house.u8(reg::sensor_class) == 0);
  }
  SECTION("saved") {
    save(house);
    CHECK(house.u8(reg::error) == 0x00);
    reset(house);
    CHECK(house.u8(reg::sensor_class) == 1);
    CHECK(house.u8(reg::ct_model_ch0) == 3);
    CHECK(house.u8(reg::label) == 'x');
    CHECK(house.u8(reg::error) == 0x00);
    CHECK(house.f32(reg::i0_rms) == Approx(10));
    CHECK(house.world->state(0).flash.cycles == 1);
  }
}

TEST_CASE("read-back shows RAM, only a reset proves flash", "[S23]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  house.write(reg::group_id, 9);
  CHECK(house.u8(reg::group_id) == 9);
  reset(house);
  CHECK(house.u8(reg::group_id) == 0);
}

TEST_CASE("power lost while flash is written tears it", "[S23]") {
  auto module = module_with({constant(2300)}, Variant::ui1, 0x55);
  House house{module, {fault(FaultKind::power_cycle, 5300ms, 1s)}};
  house.wait_until(5s);
  house.command(Command::save_user_config, 0x55);
  house.wait_until(7s);
  CHECK_FALSE(house.answers(0x55));
  CHECK(house.u8(reg::error) == 0xFB);  // at 0x50, with defaults
  CHECK(house.u8(reg::event_flags) == 0x28);
  CHECK(house.u8(reg::sensor_class) == 0);
  CHECK(house.u8(reg::fleet_config) == 0);
}

TEST_CASE("flash wears out, if it is told to", "[S23]") {
  auto module = module_with({constant(100)});
  module.quirks.flash_wears_out = true;
  module.quirks.flash_blocks_bus = false;
  House house{module};
  house.wait(1s);
  for (int i = 0; i < 10'000; ++i) save(house);
  CHECK(house.world->state(0).flash.is_valid);
  save(house);
  CHECK(house.world->state(0).flash.cycles == 10'001);
  reset(house);
  CHECK(house.u8(reg::error) == 0xFB);
}

TEST_CASE("windows may be lost while flash is written", "[S23]") {
  auto module = module_with({constant(1000)});
  module.quirks.measures_during_flash = GENERATE(true, false);
  House house{module};
  house.wait_until(5s + 10ms);
  house.command(Command::save_user_config);
  house.wait_until(10s + 10ms);
  REQUIRE(house.latch());
  // 0.7 s hold the ends of three or four windows; here of three: 5.2, 5.4, 5.6.
  CHECK(house.u32(reg::period_commit_cnt) == (module.quirks.measures_during_flash ? 50 : 47));
  CHECK(house.f32(reg::period_avg_p) == Approx(1000));
}

TEST_CASE("a reset brings back what is in flash and loses the rest", "[S26]") {
  auto module = module_with({constant(1000)});
  module.broadcast = true;
  module.group = 4;
  House house{module};
  house.wait_until(10s + 10ms);
  REQUIRE(house.broadcast(0, 77));
  house.wait(50ms);
  house.write(reg::digest_config, 0x0F);
  house.write(reg::event_mask, 0x01);
  house.write(reg::thresh_i_hi, 0x00);
  house.write(reg::event_flags, 0x20);
  reset(house);
  CHECK(house.u8(reg::event_flags) == 0x20);
  CHECK(house.u8(reg::reset_cause) == 0x04);
  CHECK(house.u16(reg::gc_tick) == 0xFFFF);
  CHECK(house.u8(reg::digest_config) == 0);
  CHECK(house.u8(reg::event_mask) == 0);
  CHECK(house.u16(reg::thresh_i_hi) == 0xFFFF);
  CHECK(house.u16(reg::zc_offset) == 0xFFFF);
  CHECK(house.u32(reg::uptime_s) == 0);
  CHECK(house.u8(reg::period_valid) == 0);
  CHECK(house.u8(reg::group_id) == 4);
  CHECK(house.u8(reg::fleet_config) == 1);
}

TEST_CASE("the acknowledge of the reset command can be missing", "[S26]") {
  auto module = module_with({constant(1000)});
  module.quirks.reset_command_is_acknowledged = false;
  House house{module};
  house.wait_until(1s);
  CHECK_FALSE(house.try_write({reg::command, 0x01}));
  CHECK(house.world->state(0).boots == 2);
}

}  // namespace rbamp::simulator::test
