// Boot, live values, digest, personalities: protocol 1.4, 8.1, 10, 17 S8-S13, S28, S29.
#include <cmath>

#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {

TEST_CASE("a module boots along its time line", "[S8]") {
  House house{module_with({constant(1000)})};
  house.wait_until(20ms);
  CHECK(house.u8(reg::status) == 0x04);  // RESET_OCCURRED pending, not ready
  CHECK(house.f32(reg::u_rms) == 0.0);
  house.wait_until(51ms);
  CHECK(house.u8(reg::status) == 0x05);
  CHECK(house.u8(reg::v03_status) == 0);
  CHECK(house.f32(reg::p0_real) == Approx(1000));
  house.wait_until(71ms);
  CHECK(house.u8(reg::v03_status) == 1);
  house.wait_until(190ms);
  house.command(protocol::Command::latch_period);
  house.wait_until(199ms);
  CHECK(house.u8(reg::period_valid) == 0);
  house.wait_until(201ms);
  CHECK(house.latch());
  CHECK(house.u32(reg::period_commit_cnt) == 1);
  CHECK(house.f32(reg::period_avg_p) == Approx(1000));
}

TEST_CASE("REG_ERROR may say not ready until the first window", "[S8]") {
  auto module = module_with({constant(1000)});
  module.quirks.not_ready_error_at_boot = true;
  House house{module};
  house.wait_until(60ms);
  CHECK(house.u8(reg::error) == 0xFC);
  house.wait_until(201ms);
  CHECK(house.u8(reg::error) == 0x00);
  house.wait_until(600ms);
  CHECK(house.u8(reg::event_flags) == 0x20);
}

TEST_CASE("windows come five times a second, or as often as configured", "[S8]") {
  auto module = module_with({constant(1000)});
  module.commit_count = CounterMode::live;
  SECTION("5.00 per second") {
    House house{module};
    house.wait_until(100s + 10ms);
    CHECK(house.u32(reg::period_commit_cnt) == 500);
  }
  SECTION("5.02 per second") {
    module.window = SimTime{199'203'187};
    House house{module};
    house.wait_until(100s + 10ms);
    CHECK(house.u32(reg::period_commit_cnt) == 502);
  }
}

TEST_CASE("window phases differ between modules and come from the seed", "[S18]") {
  auto a = module_with({constant(1000)});
  auto b = module_with({constant(1000)}, Variant::ui1, 0x51);
  a.window_phase.reset();
  b.window_phase.reset();
  House house{world_of({a, b})};
  House again{world_of({a, b})};
  const auto phase = [](House& h, std::size_t i) { return phase_of(h.world->state(i).booted_at, 200ms); };
  CHECK(phase(house, 0) != phase(house, 1));
  CHECK(phase(house, 0) == phase(again, 0));
  CHECK(house.world->state(0).booted_at <= SimTime{0});
  CHECK(house.world->state(0).booted_at > SimTime{-200ms});
}

TEST_CASE("a module can have been running for long when the world begins") {
  auto module = module_with({constant(1000)});
  module.uptime = 3600s;
  House house{module};
  CHECK(house.read(reg::uptime_s, 8) == Bytes{0x10, 0x0E, 0, 0, 0x02, 0, 0, 0});  // TV3
  house.wait_until(10s);
  CHECK(house.latch());
  CHECK(house.u32(reg::period_commit_cnt) == 50);
  CHECK(house.world->truth(0).windowed_import.value() == Approx(house.world->truth(0).physical_import.value()).epsilon(0.02));
}

TEST_CASE("live values follow from voltage, load and power factor", "[S9]") {
  auto module = module_with({constant(1840, 0.8)});
  House house{module};
  house.wait(1s);
  CHECK(house.f32(reg::u_rms) == Approx(230));
  CHECK(house.f32(reg::u_peak) == Approx(230 * std::sqrt(2.0)));
  CHECK(house.f32(reg::i0_rms) == Approx(10));
  CHECK(house.f32(reg::i0_peak) == Approx(10 * std::sqrt(2.0)));
  CHECK(house.f32(reg::p0_real) == Approx(1840));
  CHECK(house.f32(reg::pf0) == Approx(0.8));
  CHECK(house.f32(reg::q0_reac) == Approx(1380));
  CHECK(house.u8(reg::ac_freq) == 50);
  CHECK(house.u16(reg::ac_period) == 10'000);
}

TEST_CASE("export is negative power with a negative power factor", "[S9]") {
  House house{module_with({constant(-460)})};
  house.wait(1s);
  CHECK(house.read(reg::p0_real, 4) == Bytes{0x00, 0x00, 0xE6, 0xC3});
  CHECK(house.f32(reg::i0_rms) == Approx(2));
  CHECK(house.f32(reg::pf0) == Approx(-1));
}

TEST_CASE("a mains outage takes voltage, current and power, not the module", "[S9]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::mains_outage, 10s, 10s)}};
  house.wait_until(15s);
  CHECK(house.f32(reg::u_rms) == 0.0);
  CHECK(house.f32(reg::i0_rms) == 0.0);
  CHECK(house.f32(reg::p0_real) == 0.0);
  CHECK(house.u8(reg::ac_freq) == 0);
  CHECK(house.u8(reg::status) == 0x05);
  house.wait_until(30s);
  CHECK(house.f32(reg::u_rms) == Approx(230));
  CHECK(house.world->truth(0).physical_import.value() ==
        Approx(1000 * (in_seconds(house.clock.boot_now() - house.world->began()) - 10) / 3600));
}

TEST_CASE("current below the noise floor is exactly zero", "[S9]") {
  auto module = module_with({constant(2.3), constant(23)}, Variant::ui2);
  module.channels[0].noise_floor_a = 0.02;
  module.channels[1].noise_floor_a = 0.06;
  module.quirks.power_factor_nan_at_no_current = GENERATE(false, true);
  House house{module};
  house.wait(1s);
  CHECK(house.read(reg::i0_rms, 4) == Bytes{0, 0, 0, 0});
  CHECK(house.f32(reg::i0_rms + 4) == Approx(0.08));
}

TEST_CASE("the power factor of no current is 0 or NaN, as configured", "[S9]") {
  auto module = module_with({constant(0)});
  SECTION("0") {
    House house{module};
    house.wait(1s);
    CHECK(house.f32(reg::pf0) == 0.0);
  }
  SECTION("NaN") {
    module.quirks.power_factor_nan_at_no_current = true;
    House house{module};
    house.wait(1s);
    CHECK(house.read(reg::pf0, 4) == Bytes{0x00, 0x00, 0xC0, 0x7F});
  }
}

TEST_CASE("without a CT model a channel shows nothing, with the wrong one the ratio of the ratings", "[S10]") {
  auto module = module_with({constant(2300), constant(2300)}, Variant::ui2);
  module.channels[0].ct_model = 0;
  module.channels[1].ct_model = 3;     // 30 A
  module.channels[1].clamp_model = 2;  // 10 A
  House house{module};
  house.wait(1s);
  CHECK(house.f32(reg::i0_rms) == 0.0);
  CHECK(house.f32(reg::p0_real) == 0.0);
  CHECK(house.f32(reg::pf0) == 0.0);
  CHECK(house.f32(reg::i0_rms + 4) == Approx(30));
  CHECK(house.f32(reg::p0_real + 4) == Approx(6900));
  house.wait(10s);
  CHECK(house.latch());
  CHECK(house.f32(reg::period_avg_p) == 0.0);
  CHECK(house.f32(reg::period_avg_p_ch1) == Approx(6900));
}

TEST_CASE("a clamp mounted the wrong way round turns import into export", "[S10]") {
  auto module = module_with({constant(1000)});
  module.channels[0].reversed = true;
  House house{module};
  house.wait(1s);
  CHECK(house.f32(reg::p0_real) == Approx(-1000));
  CHECK(house.f32(reg::i0_rms) > 0);
  CHECK(house.latch());
  CHECK(house.f32(reg::period_avg_p) == 0.0);
  CHECK(house.world->truth(0).physical_import.value() > 0);
  CHECK(house.world->truth(0).windowed_import.value() == 0);
}

TEST_CASE("each variant shows what it has and nothing else", "[S11]") {
  const auto [name, code, channels, voltage] = GENERATE(table<const char*, unsigned, std::size_t, bool>({{"UI1", 1, 1, true},
                                                                                                         {"UI2", 2, 2, true},
                                                                                                         {"UI3", 3, 3, true},
                                                                                                         {"I1", 4, 1, false},
                                                                                                         {"I2", 5, 2, false},
                                                                                                         {"I3", 6, 3, false}}));
  auto module = module_with({}, variant_from(name).value());
  for (std::size_t i = 0; i < channels; ++i) module.channels.push_back({.loads = {constant(230.0 * static_cast<double>(i + 1))}});
  module.broadcast = true;
  House house{module};
  house.wait(1s);
  CHECK(house.u8(reg::hw_variant) == code);
  CHECK(house.u8(reg::topology) == channels);
  CHECK(house.u16(reg::capability) == (voltage ? 0x079E : 0x069E));
  REQUIRE(house.broadcast(0, 1));
  house.wait(50ms);
  CHECK(house.u8(reg::period_valid) == 1);
  CHECK((house.f32(reg::u_rms) > 0) == voltage);
  CHECK(house.u8(reg::ac_freq) == 50);
  CHECK((house.u16(reg::zc_offset) != 0xFFFF) == voltage);
  CHECK((house.f32(reg::period_max_p) > 0) == voltage);
  constexpr std::array<std::uint8_t, 3> averages{reg::period_avg_p, reg::period_avg_p_ch1, reg::period_avg_p_ch2};
  for (std::uint8_t i = 0; i < 3; ++i) {
    const bool exists = i < channels;
    const double amperes = exists ? i + 1.0 : 0.0;
    const double watts = voltage ? 230.0 * amperes : 0.0;
    const auto offset = static_cast<std::uint8_t>(4 * i);
    CHECK(house.f32(reg::i0_rms + offset) == Approx(amperes));
    CHECK(house.f32(reg::p0_real + offset) == Approx(watts));
    CHECK(house.f32(reg::pf0 + offset) == Approx(exists && voltage ? 1.0 : 0.0));
    CHECK(house.f32(averages[i]) == Approx(watts));
    CHECK(house.u8(reg::ct_model_ch0 + i) == (exists ? 3 : 0));
  }
}

TEST_CASE("a burst over the live block sees one commit, Q may be newer", "[S12]") {
  // One window at 1000 W, the next at 2000 W, with Q alongside.
  auto load = square(2300, 1150, 400ms);
  load.power_factor = 0.8;
  House house{module_with({load})};
  // Windows are [0, 0.2) high, [0.2, 0.4) low ... the commit at 1.2 s publishes low, that at 1.4 s high.
  house.wait_until(1400ms - 1ms);
  const auto block = house.read(reg::u_rms, 56);  // 5.34 ms: the commit falls into it
  CHECK(house.clock.boot_now() - house.world->began() > 1400ms);
  CHECK(f32_at(block, reg::p0_real - reg::u_rms) == Approx(1150));
  CHECK(f32_at(block, reg::i0_rms - reg::u_rms) == Approx(1150 / 0.8 / 230));
  CHECK(house.f32(reg::p0_real) == Approx(2300));

  house.wait_until(1800ms - 5500us);  // from U to Q: 78 bytes, 7.3 ms at 100 kHz, the commit after the live block
  const auto both = house.read(reg::u_rms, 78);
  CHECK(f32_at(both, reg::p0_real - reg::u_rms) == Approx(1150));
  CHECK(f32_at(both, reg::q0_reac - reg::u_rms) == Approx(2300 * 0.75));
}

TEST_CASE("floats that are read byte by byte can tear", "[S12]") {
  House house{module_with({square(2300, 1150, 400ms)})};
  house.wait_until(1400ms - 900us);
  Bytes bytes;
  for (std::uint8_t i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(house.u8(reg::p0_real + i)));
  const auto torn = f32_at(bytes, 0);
  CHECK(torn != Approx(1150));
  CHECK(torn != Approx(2300));
}

TEST_CASE("ADC means are centred", "[S13]") {
  House house{module_with({constant(100), constant(100)}, Variant::i2)};
  house.wait(1s);
  CHECK(house.u16(reg::adc_mean_u) == 2048);
  CHECK(house.u16(reg::adc_mean_i1) == 2048);
  CHECK(house.u16(reg::adc_mean_i2) == 0);
}

TEST_CASE("the digest is packed as its mask says", "[S28]") {
  // Protocol 10.3: I = 5.23 A, U = 230.4 V, P = 1203 W, PF 0.99 give 0B 02 00 09 B3 04 63.
  auto settings = world_of({module_with({constant(1203, 1203 / (230.4 * 5.23))})});
  settings.mains.voltage_v = 230.4;
  House house{settings};
  house.wait_until(1s);
  CHECK(house.read(reg::digest, 22) == Bytes(22));  // mask 0
  house.write(reg::event_flags, 0x20);
  house.write(reg::digest_config, 0x0F);
  house.wait_until(121 * 200ms + 100ms);
  const auto digest = house.read(reg::digest, 22);
  const Bytes payload(digest.begin() + 2, digest.begin() + 9);
  CHECK(payload == Bytes{0x0B, 0x02, 0x00, 0x09, 0xB3, 0x04, 100});
  CHECK(digest[0] == 0x01);
  CHECK(digest[1] == 122);  // the short first result counts
  CHECK(Bytes(digest.begin() + 9, digest.end()) == Bytes(13));
  house.write(reg::digest_config, 0x07);
  CHECK(house.read(reg::digest, 22)[8] == 0);
  house.wait_until(256 * 200ms + 100ms);
  CHECK(house.u8(reg::digest_seq) == 1);  // wraps
}

TEST_CASE("a current-only digest has currents only", "[S28]") {
  House house{module_with({constant(883.2), constant(586.5), constant(1343.2)}, Variant::i3)};
  house.wait(1s);
  house.write(reg::event_flags, 0x20);
  house.write(reg::digest_config, 0x02);
  CHECK(house.u8(reg::error) == 0xFE);  // TV15
  house.write(reg::digest_config, 0x01);
  const auto digest = house.read(reg::digest, 22);
  CHECK(Bytes(digest.begin() + 2, digest.begin() + 8) == Bytes{0x80, 0x01, 0xFF, 0x00, 0x48, 0x02});
}

TEST_CASE("identity, label and capability are what the settings say", "[S28]") {
  auto module = module_with({constant(100)});
  module.label = "boiler";
  module.uid = ModuleUid::parse("00112233445566778899aabb");
  module.capability = 0x0718;
  House house{module};
  house.wait(1s);
  const auto bytes = house.read(reg::uid, 20);  // TV2
  CHECK(Bytes(bytes.begin(), bytes.begin() + 12) ==
        Bytes{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB});
  CHECK(Bytes(bytes.begin() + 12, bytes.end()) == Bytes{0x62, 0x6F, 0x69, 0x6C, 0x65, 0x72, 0, 0});
  CHECK(house.u16(reg::capability) == 0x0718);
  for (std::uint8_t i = 0; i < 8; ++i) house.write(reg::label + i, static_cast<std::uint8_t>("MyMeter1"[i]));  // TV14
  CHECK(house.read(reg::label, 8) == Bytes{0x4D, 0x79, 0x4D, 0x65, 0x74, 0x65, 0x72, 0x31});
}

TEST_CASE("UIDs are unique") {
  std::vector<ModuleSettings> modules;
  for (std::uint8_t i = 0; i < 16; ++i)
    modules.push_back(module_with({constant(1)}, Variant::ui1, static_cast<std::uint8_t>(0x20 + i)));
  House house{world_of(modules)};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < i; ++k) CHECK(house.world->state(i).uid != house.world->state(k).uid);
  }
}

TEST_CASE("firmware 1.2 knows no identity, applies CT_MODEL to channel 0, and is read byte by byte", "[S29]") {
  auto module = module_with({constant(2300), constant(2300)}, Variant::ui2);
  module.firmware = Firmware::v1_2;
  House house{module};
  house.wait(1s);
  CHECK(house.u8(reg::version) == 0x03);
  const auto burst = house.read(reg::u_rms, 4);
  CHECK(burst[0] == burst[3]);  // no increment
  Bytes voltage;
  for (std::uint8_t i = 0; i < 4; ++i) voltage.push_back(static_cast<std::uint8_t>(house.u8(reg::u_rms + i)));
  CHECK(voltage == Bytes{0x00, 0x00, 0x66, 0x43});
  CHECK(house.read(reg::product_id, 1) != Bytes{0x01});
  house.write(reg::ct_model, 2);
  CHECK(house.world->state(0).config.ct_applied[0] == 2);
  CHECK(house.world->state(0).config.ct_applied[1] == 3);
  house.write(reg::command, 0x26);
  house.wait(750ms);
  CHECK(house.world->state(0).flash.cycles == 1);
  CHECK(house.world->state(0).flash.image.ct_applied[0] == 2);
  house.write(reg::command, 0x77);
  CHECK(house.u8(reg::error) == 0x00);  // unknown opcodes are ignored
  CHECK_FALSE(house.broadcast(0, 1));
  CHECK(house.latch());
}

TEST_CASE("firmware 1.0 measures whatever CT_MODEL says", "[S29]") {
  auto module = module_with({constant(2300)});
  module.firmware = Firmware::v1_0;
  module.channels[0].ct_model = 0;
  House house{module};
  house.wait(1s);
  CHECK(house.u8(reg::version) == 0x01);
  CHECK(house.world->live_values(0).active_power[0] == Approx(2300));
}

TEST_CASE("foreign chips answer, keep a record of writes, and can be told apart", "[S29]") {
  auto settings = world_of({});
  settings.foreign = {{ForeignSettings::Kind::eeprom, "main", I2cAddress{0x50}},
                      {ForeignSettings::Kind::general_call_listener, "main", I2cAddress{0x20}},
                      {ForeignSettings::Kind::dimmer, "main", I2cAddress{0x51}}};
  House house{settings};
  CHECK(house.u8(reg::product_id) != 0x01);
  CHECK(house.u8(reg::version) == 0x04);
  CHECK(house.u8(reg::product_id, 0x51) == 0x02);
  CHECK(house.broadcast(0, 42));  // an ACK proves nothing
  CHECK(house.world->foreign_bytes_written() == 0);
  house.write(reg::command, 0x27);
  CHECK(house.world->foreign_bytes_written() == 1);
  CHECK_FALSE(house.answers());  // its write cycle
  house.wait(5ms);
  CHECK(house.u8(reg::command) == 0x27);
}

}  // namespace rbamp::simulator::test
