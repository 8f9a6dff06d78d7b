// Event flags and thresholds: protocol 9, 17 S21, S25.
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

using protocol::Command;

}  // namespace

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

TEST_CASE("configuration writes raise CONFIG_CHANGED", "[S25]") {
  House house{module_with({constant(100)})};
  house.wait(1s);
  const auto [reg, value] =
      GENERATE(table<int, int>({{reg::sensor_class, 1}, {reg::ct_model, 2}, {reg::i2c_address, 0x51}, {reg::label + 3, 'x'}}));
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

}  // namespace rbamp::simulator::test
