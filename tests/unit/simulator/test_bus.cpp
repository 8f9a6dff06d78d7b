// The bus layer: protocol 3, 17 S1-S7.
#include <algorithm>
#include <cerrno>

#include "bus/i2c_bus.hpp"
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {

TEST_CASE("an absent address is not acknowledged", "[S1]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  const auto absent = house.try_read(reg::version, 1, 0x51);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().is(Errc::bus_nack));
  CHECK(absent.error().remedy == Remedy::retry);
  CHECK(absent.error().detail.find("0x51") != std::string::npos);
  CHECK_FALSE(house.try_write({reg::command, 0x27}, 0x51));
}

TEST_CASE("two modules on one address answer with the AND of their bytes and both execute writes", "[S1]") {
  auto a = module_with({constant(100)}, Variant::ui1);
  auto b = module_with({constant(100)}, Variant::i2);
  House house{world_of({a, b})};
  house.wait(1s);
  const auto identity = house.read(reg::product_id, 5);
  CHECK(identity == Bytes{0x01, 0x01, 0x00, 0x9E, 0x06});  // TV1: variant says voltage, capability does not
  const auto uid = house.read(reg::uid, 12);
  for (std::size_t i = 0; i < uid.size(); ++i) {
    CHECK(uid[i] == (house.world->state(0).uid.bytes()[i] & house.world->state(1).uid.bytes()[i]));
  }
  house.write(reg::group_id, 7);
  CHECK(house.world->state(0).config.group == 7);
  CHECK(house.world->state(1).config.group == 7);
}

TEST_CASE("reads increment, and what is not mapped reads as zero", "[S2]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  CHECK(house.read(0x36, 4) == Bytes{0, 0, 0, 0});  // TV16
  const auto whole = house.read(0x00, 0x1A);
  for (std::uint8_t at = 0; at < whole.size(); ++at) CHECK(house.u8(at) == whole[at]);
  CHECK(house.u8(reg::command) == 0);
  CHECK(house.u8(reg::addr_commit_magic) == 0);
  const auto beyond = house.read(0xFE, 4);
  CHECK(beyond == Bytes{0, 0, 0, 0});
}

TEST_CASE("only the first data byte of a write is stored", "[S3]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  REQUIRE(house.try_write({reg::label, 'M', 'y', 'M'}));  // TV14, negative
  CHECK(house.read(reg::label, 4) == Bytes{'M', 0, 0, 0});
  SECTION("a pointer alone is no write") {
    house.write(reg::digest_config, 0xFF);
    CHECK(house.u8(reg::error) == 0xFE);
    REQUIRE(house.try_write({reg::label}));
    CHECK(house.u8(reg::error) == 0xFE);
    CHECK(house.world->counters(0).register_writes[reg::label] == 1);
  }
}

TEST_CASE("further bytes of a write may be refused instead of dropped", "[S3]") {
  auto module = module_with({constant(100)});
  module.quirks.extra_write_bytes_nack = true;
  House house{module};
  house.wait(1s);
  CHECK_FALSE(house.try_write({reg::label, 'M', 'y'}));
  CHECK(house.u8(reg::label) == 'M');
}

TEST_CASE("a read that starts at the capture window streams samples, any other sees the plain map", "[S4]") {
  House house{module_with({constant(2300)})};
  house.wait(1s);
  house.command(protocol::Command::capture_raw);
  CHECK(house.u8(reg::capture_status) == 0);
  house.wait(80ms);
  CHECK(house.u8(reg::capture_status) == 1);
  Bytes wave;
  for (std::uint8_t page = 0; page < 8; ++page) {
    house.write(reg::capture_page, page);
    const auto part = house.read(reg::capture_window, 64);
    wave.insert(wave.end(), part.begin(), part.end());
  }
  REQUIRE(wave.size() == 512);
  unsigned low = 4095;
  unsigned high = 0;
  for (std::size_t i = 0; i < wave.size(); i += 2) {
    const unsigned code = u16_at(wave, i);
    low = std::min(low, code);
    high = std::max(high, code);
  }
  // 10 A on a 30 A clamp: a third of the range around the middle.
  CHECK(high == Approx(2048 + 2047.0 / 3).margin(2));
  CHECK(low == Approx(2048 - 2047.0 / 3).margin(2));
  CHECK(house.u8(reg::ac_freq) == 50);
  CHECK(house.read(0x19, 8)[7] == 50);  // starts before the window: plain map
}

TEST_CASE("a broadcast is taken by those who listen", "[S5]") {
  auto deaf = module_with({constant(100)});
  auto listening = module_with({constant(100)}, Variant::ui1, 0x51);
  listening.broadcast = true;
  auto grouped = module_with({constant(100)}, Variant::i1, 0x52);
  grouped.broadcast = true;
  grouped.group = 3;

  SECTION("nobody listens: the address is not acknowledged") {
    House house{deaf};
    house.wait(1s);
    CHECK_FALSE(house.broadcast(0, 42));
  }
  House house{world_of({deaf, listening, grouped})};
  house.wait(1s);
  const auto tick = [&](std::uint8_t address) { return house.u16(reg::gc_tick, address); };
  SECTION("group 0 reaches everybody who listens") {
    REQUIRE(house.broadcast(0, 42));  // TV7
    CHECK(tick(0x50) == 0xFFFF);
    CHECK(tick(0x51) == 42);
    CHECK(tick(0x52) == 42);
    CHECK(house.world->counters(0).latches_requested == 0);
    CHECK(house.world->counters(1).latches_executed == 1);
  }
  SECTION("another group reaches only its members") {
    REQUIRE(house.broadcast(3, 0x1234));
    CHECK(tick(0x51) == 0xFFFF);
    CHECK(tick(0x52) == 0x1234);
    CHECK(house.world->counters(1).broadcasts_ignored == 1);
  }
  SECTION("wrong magic, opcode and length are ignored") {
    REQUIRE(house.try_write({0xA4, 0x27, 0, 1, 0}, 0));
    REQUIRE(house.try_write({0xA5, 0x28, 0, 2, 0}, 0));
    REQUIRE(house.try_write({0xA5, 0x27, 0, 3}, 0));
    CHECK(tick(0x51) == 0xFFFF);
    CHECK(house.world->counters(1).latches_requested == 0);
  }
  SECTION("enabling acts after the next reset only") {
    house.write(reg::fleet_config, 1);
    CHECK(house.u8(reg::fleet_config) == 1);
    REQUIRE(house.broadcast(0, 7));
    CHECK(tick(0x50) == 0xFFFF);
    house.command(protocol::Command::save_user_config);
    house.wait(750ms);
    house.command(protocol::Command::reset);
    house.wait(400ms);
    REQUIRE(house.broadcast(0, 8));
    CHECK(tick(0x50) == 8);
  }
  SECTION("booting, or writing flash, it misses the frame") {
    house.command(protocol::Command::save_user_config, 0x51);
    house.wait(100ms);
    REQUIRE(house.broadcast(0, 9));
    house.wait(700ms);
    CHECK(tick(0x51) == 0xFFFF);
    CHECK(tick(0x52) == 9);
  }
}

TEST_CASE("a module does not answer while it boots or writes flash", "[S6]") {
  House house{module_with({constant(100)})};
  CHECK_FALSE(house.answers());
  house.wait_until(9ms);
  CHECK_FALSE(house.answers());
  house.wait_until(11ms);
  CHECK(house.answers());
  house.wait(500ms);
  house.command(protocol::Command::save_user_config);
  house.wait(690ms);
  CHECK_FALSE(house.answers());
  house.wait(20ms);
  CHECK(house.answers());
}

TEST_CASE("the flash window can be without effect on the bus", "[S6]") {
  auto module = module_with({constant(100)});
  module.quirks.flash_blocks_bus = false;
  House house{module};
  house.wait(500ms);
  house.command(protocol::Command::save_user_config);
  CHECK(house.answers());
}

TEST_CASE("transfers take their bits' time on the wire") {
  auto settings = world_of({module_with({constant(100)})});
  settings.buses = {{.speed_hz = 50'000}};
  House house{settings};
  house.wait(1s);
  const auto timed = [&](auto action) {
    const auto begin = house.clock.boot_now();
    action();
    return house.clock.boot_now() - begin;
  };
  CHECK(timed([&] { static_cast<void>(house.read(reg::u_rms, 56)); }) == 10'680us);
  CHECK(timed([&] { house.write(reg::group_id, 0); }) == 580us);
  CHECK(timed([&] { static_cast<void>(house.answers(0x60)); }) == 220us);
  CHECK(house.bus().traffic().bits == bus::read_bits(56) + 29 + 11);
  CHECK(house.world->traffic(0).bits == bus::read_bits(56) + 29);
  CHECK(house.world->traffic(0).data_bytes == 58);
  CHECK(house.bus().traffic().failed == 1);
  CHECK(house.bus().traffic().short_gaps == 2);
}

TEST_CASE("an adapter may lack the general call and long transfers", "[S7]") {
  auto module = module_with({constant(100)});
  module.broadcast = true;
  auto settings = world_of({module});
  settings.buses = {{.has_general_call = false, .max_transfer = 32}};
  House house{settings};
  house.wait(1s);
  CHECK_FALSE(house.bus().capabilities().plain_i2c);
  CHECK_FALSE(house.bus().capabilities().general_call);
  CHECK(house.bus().capabilities().max_read == 32);
  const auto too_long = house.try_read(reg::u_rms, 56);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().is(Errc::bus_unsupported));
  CHECK(house.try_read(reg::u_rms, 32));
  const auto call = house.try_write({0xA5, 0x27, 0, 1, 0}, 0);
  REQUIRE_FALSE(call);
  CHECK(call.error().is(Errc::bus_unsupported));
  CHECK(house.world->counters(0).latches_requested == 0);
}

TEST_CASE("the transaction log holds what was said, and when", "[S31]") {
  House house{module_with({constant(100)})};
  house.bus().keep_log(2);
  house.wait(1s);
  house.write(reg::group_id, 3);
  static_cast<void>(house.answers(0x60));
  CHECK(house.u8(reg::group_id) == 3);
  const auto log = house.bus().log();
  REQUIRE(log.size() == 2);  // the oldest is dropped
  CHECK(log[0].error == Errc::bus_nack);
  CHECK(log[0].address == I2cAddress{0x60});
  CHECK(log[1].number == 3);
  CHECK(log[1].direction == Direction::read);
  CHECK(log[1].bytes == Bytes{3});
  CHECK(log[1].reg == reg::group_id);
  CHECK(log[1].end - log[1].begin == 390us);
  CHECK(log[1].begin >= log[0].end);
}

}  // namespace rbamp::simulator::test
