// The vectors of protocol section 15 that are a conversation, said to a module word by word. What they hold of floats, frames and
// decisions of the master is in tests/unit/protocol and tests/unit/metering, under the same numbers.
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

ModuleSettings running(std::vector<LoadSettings> loads, Variant variant = Variant::ui1, std::uint8_t address = 0x50) {
  auto module = module_with(std::move(loads), variant, address);
  module.uptime = 60s;
  return module;
}

ModuleSettings virgin(Variant variant) {
  auto module = running({constant(690), constant(690), constant(690)}, variant);
  module.channels.resize(channel_count(variant));
  module.provisioned = false;
  return module;
}

}  // namespace

TEST_CASE("TV1: identity bytes of a UI1, an I3, and of two modules on one address") {
  CHECK(House{running({constant(60)})}.read(0x54, 5) == Bytes{0x01, 0x01, 0x00, 0x9E, 0x07});
  CHECK(House{running({constant(60)}, Variant::i3)}.read(0x54, 5) == Bytes{0x01, 0x06, 0x00, 0x9E, 0x06});
  const House both{world_of({running({constant(60)}), running({constant(60)}, Variant::i2)})};
  CHECK(both.read(0x54, 5) == Bytes{0x01, 0x01, 0x00, 0x9E, 0x06});
}

TEST_CASE("TV2: UID and label in one read of 20 bytes") {
  auto module = running({constant(60)});
  module.label = "boiler";
  module.uid = ModuleUid::parse("3a0041000f51353032363437");
  CHECK(House{module}.read(0x5C, 20) == Bytes{0x3A, 0x00, 0x41, 0x00, 0x0F, 0x51, 0x35, 0x30, 0x32, 0x36,
                                              0x34, 0x37, 0x62, 0x6F, 0x69, 0x6C, 0x65, 0x72, 0x00, 0x00});
}

TEST_CASE("TV3: health, status and events of a module an hour after power on") {
  auto module = running({constant(60)});
  module.uptime = 3600s;
  const House house{module};
  CHECK(house.read(0x46, 8) == Bytes{0x10, 0x0E, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00});
  CHECK(house.read(0x00, 1) == Bytes{0x05});
  CHECK(house.read(0x2A, 1) == Bytes{0x20});
}

TEST_CASE("TV6: a second latch after 40 ms is empty, and the next one closes the whole time since the first") {
  House house{module_with({constant(1000)})};
  house.wait_until(10s + 10ms);
  house.write(0x01, 0x27);
  house.wait_until(10s + 50ms);
  house.write(0x01, 0x27);
  house.wait(50ms);
  CHECK(house.read(0x07, 1) == Bytes{0x00});
  house.wait(250ms);
  house.write(0x01, 0x27);
  house.wait(50ms);
  CHECK(house.read(0x07, 1) == Bytes{0x01});
  // From the first latch on: the empty one began nothing. 0.735 is the chip's clock.
  CHECK(house.u32(reg::period_latch_ms) == Approx((40 + 50 + 250) * 0.735).margin(2));
}

TEST_CASE("TV7: a broadcast with its witness, for all and for a group, and the latch for who did not hear it") {
  auto listening = running({constant(60)});
  listening.broadcast = true;
  listening.group = 3;
  House house{world_of({listening, running({constant(60)}, Variant::ui1, 0x51)})};
  house.wait(1s);
  CHECK(house.read(0x59, 2) == Bytes{0xFF, 0xFF});
  REQUIRE(house.try_write({0xA5, 0x27, 0x00, 0x2A, 0x00}, 0x00));
  CHECK(house.read(0x59, 2) == Bytes{0x2A, 0x00});
  CHECK(house.read(0x59, 2) == Bytes{0x2A, 0x00});
  REQUIRE(house.try_write({0xA5, 0x27, 0x03, 0x34, 0x12}, 0x00));
  CHECK(house.read(0x59, 2) == Bytes{0x34, 0x12});
  CHECK(house.read(0x59, 2, 0x51) == Bytes{0xFF, 0xFF});
  house.write(0x01, 0x27, 0x51);
  house.wait(50ms);
  CHECK(house.read(0x07, 1, 0x51) == Bytes{0x01});
}

TEST_CASE("TV8: broadcasts of group 3 are enabled, stored, and in force after the reset") {
  House house{running({constant(60)})};
  CHECK(house.read(0x27, 1) == Bytes{0x00});
  house.write(0x27, 0x01);
  house.write(0x28, 0x03);
  house.write(0x01, 0x32);
  house.wait(700ms);
  CHECK(house.read(0x02, 1) == Bytes{0x00});
  house.write(0x01, 0x01);
  house.wait(300ms);
  CHECK(house.read(0x27, 1) == Bytes{0x01});
  CHECK(house.read(0x28, 1) == Bytes{0x03});
  CHECK(house.broadcast(3, 7));
}

TEST_CASE("TV9: a current above 30 A trips its threshold alone, and the acknowledge takes the flag away") {
  House house{running({constant(4900, 0.7)})};  // 30.4 A, below 5000 W
  house.write(0x2A, 0x20);
  for (const Bytes& step : {Bytes{0x2C, 0xB8}, Bytes{0x2D, 0x0B}, Bytes{0x2E, 0x88}, Bytes{0x2F, 0x13}, Bytes{0x2B, 0x06}})
    REQUIRE(house.try_write(step));
  house.wait(250ms);
  CHECK(house.read(0x2A, 1) == Bytes{0x02});
  house.write(0x2A, 0x02);
  CHECK(house.read(0x2A, 1) == Bytes{0x00});
}

TEST_CASE("TV10: a refused write shows at once in REG_ERROR, later in the flag, until it is cleared in order") {
  House house{running({constant(60)})};
  house.write(0x2A, 0x20);
  house.write(0x29, 0xFF);
  CHECK(house.read(0x02, 1) == Bytes{0xFE});
  CHECK(house.read(0x2A, 1) == Bytes{0x00});
  house.wait(300ms);
  CHECK(house.read(0x2A, 1) == Bytes{0x08});
  CHECK(house.read(0x00, 1) == Bytes{0x07});
  house.write(0x2A, 0x08);
  house.wait(300ms);
  CHECK(house.read(0x2A, 1) == Bytes{0x08});
  house.write(0x01, 0x31);
  house.write(0x2A, 0x08);
  CHECK(house.read(0x02, 1) == Bytes{0x00});
  CHECK(house.read(0x2A, 1) == Bytes{0x00});
  house.wait(300ms);
  CHECK(house.read(0x2A, 1) == Bytes{0x00});
}

TEST_CASE("TV11: a virgin UI1 is set up for an SCT-013-030, and proves it after the reset") {
  House house{virgin(Variant::ui1)};
  CHECK(house.read(0x02, 1) == Bytes{0xFB});
  house.write(0x25, 0x01);
  CHECK(house.read(0x02, 1) == Bytes{0x00});
  house.write(0x05, 0x03);
  house.write(0x01, 0x28);
  house.wait(5ms);
  CHECK(house.read(0x02, 1) == Bytes{0x00});
  CHECK(house.read(0x51, 1) == Bytes{0x03});
  house.write(0x01, 0x32);
  house.wait(700ms);
  CHECK(house.read(0x02, 1) == Bytes{0x00});
  house.write(0x01, 0x01);
  house.wait(300ms);
  CHECK(house.read(0x25, 1) == Bytes{0x01});
  CHECK(house.read(0x51, 1) == Bytes{0x03});
  CHECK(house.read(0x02, 1) == Bytes{0x00});
}

TEST_CASE("TV12: three different transformers on an I3, and what is refused leaves the others alone") {
  House house{virgin(Variant::i3)};
  house.write(0x05, 0x03);
  house.write(0x01, 0x28);
  CHECK(house.read(0x02, 1) == Bytes{0xFE});  // no class yet
  house.write(0x25, 0x01);
  for (const auto& [model, bind] : {std::pair{0x01, 0x28}, std::pair{0x03, 0x29}, std::pair{0x06, 0x2A}}) {
    house.write(0x05, static_cast<std::uint8_t>(model));
    house.write(0x01, static_cast<std::uint8_t>(bind));
    house.wait(5ms);
    CHECK(house.read(0x02, 1) == Bytes{0x00});
  }
  CHECK(house.read(0x51, 3) == Bytes{0x01, 0x03, 0x06});
  house.write(0x05, 0x05);
  house.write(0x01, 0x28);
  CHECK(house.read(0x02, 1) == Bytes{0xFE});
  CHECK(house.read(0x51, 1) == Bytes{0x01});
}

TEST_CASE("TV13: an address moves from 0x50 to 0x51 when it was armed, in time, and within the range") {
  House house{running({constant(60)})};
  house.write(0x30, 0x51);
  SECTION("in order") {
    house.write(0x31, 0xA5);
    CHECK(house.read(0x31, 1) == Bytes{0x00});
    house.write(0x01, 0x30);
    house.wait(700ms);
    CHECK(house.read(0x02, 1) == Bytes{0x00});
    CHECK(house.read(0x30, 1) == Bytes{0x51});
    house.write(0x01, 0x01);
    house.wait(300ms);
    CHECK(house.read(0x30, 1, 0x51) == Bytes{0x51});
    CHECK_FALSE(house.answers(0x50));
  }
  SECTION("not armed") {
    house.write(0x01, 0x30);
    CHECK(house.read(0x02, 1) == Bytes{0xFE});
  }
  SECTION("armed 5.1 s ago") {
    house.write(0x31, 0xA5);
    house.wait(5100ms);
    house.write(0x01, 0x30);
    CHECK(house.read(0x02, 1) == Bytes{0xFE});
  }
  SECTION("out of range") {
    house.write(0x30, 0x78);
    CHECK(house.read(0x02, 1) == Bytes{0xFE});
    CHECK(house.answers(0x50));
  }
}

TEST_CASE("TV14: a label is written byte by byte, and of a longer write only its first byte is stored") {
  House house{running({constant(60)})};
  REQUIRE(house.try_write({0x68, 0x4D, 0x79, 0x4D, 0x65, 0x74, 0x65, 0x72, 0x31}));
  CHECK(house.read(0x68, 8) == Bytes{0x4D, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00});
  const Bytes text{0x4D, 0x79, 0x4D, 0x65, 0x74, 0x65, 0x72, 0x31};
  for (std::uint8_t i = 0; i < 8; ++i) house.write(static_cast<std::uint8_t>(0x68 + i), text[i]);
  CHECK(house.read(0x68, 8) == text);
}

TEST_CASE("TV15: a UI1 takes every digest field and has 22 bytes of it, an I3 no voltage") {
  House ui1{running({constant(1203)})};
  ui1.write(0x29, 0x0F);
  CHECK(ui1.read(0x02, 1) == Bytes{0x00});
  ui1.wait(200ms);
  const auto digest = ui1.read(0x70, 22);
  CHECK(Bytes(digest.begin() + 2, digest.begin() + 9) == Bytes{0x0B, 0x02, 0xFC, 0x08, 0xB3, 0x04, 0x64});  // 5.23 A, 230.0 V
  CHECK(Bytes(digest.begin() + 9, digest.end()) == Bytes(13));
  const House i3{running({constant(60)}, Variant::i3)};
  i3.write(0x29, 0x02);
  CHECK(i3.read(0x02, 1) == Bytes{0xFE});
}

TEST_CASE("TV16: what is not mapped reads as zeros and is acknowledged") {
  CHECK(House{running({constant(60)})}.read(0x36, 4) == Bytes{0x00, 0x00, 0x00, 0x00});
}

TEST_CASE("TV17: a capture is ready after 80 ms and read in eight pages of 64 bytes") {
  House house{running({constant(2300)})};
  house.write(0x01, 0x38);
  house.wait(80ms);
  CHECK(house.read(0x18, 1) == Bytes{0x01});
  Bytes last;
  for (std::uint8_t page = 0; page < 8; ++page) {
    house.write(0x19, page);
    const auto samples = house.read(0x1A, 64);
    CHECK(samples != last);
    last = samples;
  }
}

TEST_CASE("TV19: a module that lost its supply shows it in uptime, flag, tick and VALID") {
  auto module = running({constant(1000)});
  module.uptime = 86400s;
  module.broadcast = true;
  House house{module, {fault(FaultKind::power_cycle, 60s, 1s)}};
  CHECK(house.read(0x46, 4) == Bytes{0x80, 0x51, 0x01, 0x00});
  house.write(0x2A, 0x20);
  REQUIRE(house.broadcast(0, 42));
  house.wait_until(73s + 500ms);
  CHECK(house.read(0x46, 4) == Bytes{0x0C, 0x00, 0x00, 0x00});
  CHECK(house.read(0x2A, 1) == Bytes{0x20});
  CHECK(house.read(0x59, 2) == Bytes{0xFF, 0xFF});
  CHECK(house.read(0x07, 1) == Bytes{0x00});
}

}  // namespace rbamp::simulator::test
