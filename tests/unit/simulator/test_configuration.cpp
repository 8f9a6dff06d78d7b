// Register writes, commands, flash, address, error states: protocol 6, 8, 9.1, 13.3, 17 S20-S27.
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

TEST_CASE("the error flag follows a rejected write after a while and comes back until the error is gone", "[S21]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  house.write(reg::event_flags, 0x20);
  house.write(reg::digest_config, 0xFF);  // TV10
  CHECK(house.u8(reg::error) == 0xFE);
  CHECK(house.u8(reg::event_flags) == 0x00);
  house.wait(300ms);
  CHECK(house.u8(reg::event_flags) == 0x08);
  CHECK(house.u8(reg::status) == 0x07);
  house.write(reg::event_flags, 0x08);
  CHECK(house.u8(reg::event_flags) == 0x00);
  house.wait(300ms);
  CHECK(house.u8(reg::event_flags) == 0x08);
  house.command(Command::clear_error);
  CHECK(house.u8(reg::event_flags) == 0x08);
  house.write(reg::event_flags, 0x08);
  house.wait(600ms);
  CHECK(house.u8(reg::error) == 0x00);
  CHECK(house.u8(reg::event_flags) == 0x00);
}

TEST_CASE("a rejected command raises the error flag at once", "[S21]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  house.write(reg::event_flags, 0x20);
  house.write(reg::command, 0x77);
  CHECK(house.u8(reg::event_flags) == 0x08);
}

TEST_CASE("CLEAR_ERROR may take the flag along", "[S21]") {
  auto module = module_with({constant(100)});
  module.quirks.clear_error_clears_flag = true;
  House house{module};
  house.wait(1s);
  house.write(reg::event_flags, 0x20);
  house.write(reg::command, 0x77);
  house.command(Command::clear_error);
  CHECK(house.u8(reg::event_flags) == 0x00);
}

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

TEST_CASE("configuration writes raise CONFIG_CHANGED", "[S25]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  const auto [reg, value] = GENERATE(table<int, int>({{reg::sensor_class, 1}, {reg::ct_model, 2}, {reg::i2c_address, 0x51}, {reg::label + 3, 'x'}}));
  house.write(reg::event_flags, 0x20);
  house.write(reg::group_id, 1);
  CHECK(house.u8(reg::event_flags) == 0x00);
  house.write(static_cast<std::uint8_t>(reg), static_cast<std::uint8_t>(value));
  CHECK(house.u8(reg::event_flags) == 0x10);
}

TEST_CASE("thresholds trip at a commit, once per crossing", "[S25]") {
  auto module = module_with({square(9200, 230, 10s)});
  House house{module};
  house.wait_until(1s);
  house.write(reg::event_flags, 0x20);
  house.wait_until(5500ms);  // low
  const auto arm = [&] {
    house.write(reg::thresh_i_hi, 0xB8);  // TV9: 30.00 A
    house.write(reg::thresh_i_hi + 1, 0x0B);
    house.write(reg::thresh_p_hi, 0x88);  // 5000 W
    house.write(reg::thresh_p_hi + 1, 0x13);
    house.write(reg::event_flags, 0x06);  // what tripped in between
  };
  arm();
  CHECK(house.read(reg::thresh_i_hi, 4) == Bytes{0xB8, 0x0B, 0x88, 0x13});
  house.wait_until(10s + 100ms);
  CHECK(house.u8(reg::event_flags) == 0x00);
  house.wait_until(10s + 210ms);
  CHECK(house.u8(reg::event_flags) == 0x06);
  house.write(reg::event_flags, 0x06);
  house.wait_until(14s);
  CHECK(house.u8(reg::event_flags) == 0x00);  // still above, no new crossing
  house.wait_until(20s + 210ms);
  CHECK(house.u8(reg::event_flags) == 0x06);
}

TEST_CASE("thresholds may be levels", "[S25]") {
  auto module = module_with({constant(9200)});
  module.quirks.threshold_is_level = true;
  House house{module};
  house.wait_until(1s);
  house.write(reg::thresh_p_hi + 1, 0x13);
  house.wait(300ms);
  house.write(reg::event_flags, 0xFF);
  house.wait(300ms);
  CHECK(house.u8(reg::event_flags) == 0x04);
}

TEST_CASE("an intermediate value of a threshold can trip", "[S25]") {
  House house{module_with({constant(1000)})};
  house.wait_until(1s);
  house.write(reg::event_flags, 0x20);
  house.write(reg::thresh_p_hi + 1, 0x00);  // 0xFFFF -> 0x00FF on the way to 0x00FF.. whatever comes next
  house.wait(250ms);
  CHECK(house.u8(reg::event_flags) == 0x04);
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

TEST_CASE("a clone shows its error and nothing else, for ever", "[S27]") {
  auto clone = fault(FaultKind::error_state, 5s);
  clone.code = 0xF9;
  House house{module_with({constant(1000)}), {clone}};
  house.wait_until(6s);
  CHECK(house.u8(reg::error) == 0xF9);
  CHECK(house.read(reg::product_id, 28) == Bytes(28));
  CHECK(house.f32(reg::p0_real) == 0.0);
  house.command(Command::clear_error);
  CHECK(house.u8(reg::error) == 0xF9);
  house.command(Command::latch_period);
  CHECK(house.world->counters(0).latches_requested == 0);
  reset(house);
  CHECK(house.u8(reg::error) == 0xF9);
}

TEST_CASE("a bad linearisation table is reported at every boot", "[S27]") {
  auto bad = fault(FaultKind::error_state, 5s);
  bad.code = 0xFA;
  House house{module_with({constant(1000)}), {bad}};
  house.wait_until(6s);
  CHECK(house.u8(reg::error) == 0xFA);
  CHECK((house.u8(reg::event_flags) & 0x08U) != 0);
  house.command(Command::clear_error);
  CHECK(house.u8(reg::error) == 0x00);
  reset(house);
  CHECK(house.u8(reg::error) == 0xFA);
}

TEST_CASE("a firmware fault is cleared by command", "[S27]") {
  auto crash = fault(FaultKind::error_state, 5s);
  crash.code = 0xFF;
  House house{module_with({constant(1000)}), {crash}};
  house.wait_until(6s);
  CHECK(house.u8(reg::error) == 0xFF);
  house.command(Command::clear_error);
  CHECK(house.u8(reg::error) == 0x00);
  reset(house);
  CHECK(house.u8(reg::error) == 0x00);
}

TEST_CASE("an overload is an error at each commit while it lasts", "[S27]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::overload, 5s, 2s)}};
  house.wait_until(5s + 10ms);
  house.write(reg::event_flags, 0x20);
  CHECK(house.u8(reg::error) == 0xFD);
  house.command(Command::clear_error);
  CHECK(house.u8(reg::error) == 0x00);
  house.wait(200ms);
  CHECK(house.u8(reg::error) == 0xFD);
  house.wait_until(7s + 10ms);
  house.command(Command::clear_error);
  house.wait(1s);
  CHECK(house.u8(reg::error) == 0x00);
}

TEST_CASE("blank flash shows at the next boot", "[S27]") {
  House house{module_with({constant(1000)}, Variant::ui1, 0x55), {fault(FaultKind::blank_flash, 5s)}};
  house.wait_until(6s);
  CHECK(house.u8(reg::error, 0x55) == 0x00);
  reset(house, 0x55);
  CHECK(house.u8(reg::error, 0x50) == 0xFB);
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
