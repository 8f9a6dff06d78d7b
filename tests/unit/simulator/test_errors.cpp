// Error states: protocol 5.3, 17 S27.
#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

using protocol::Command;

void reset(House& house, std::uint8_t address = 0x50) {
  house.command(Command::reset, address);
  house.wait(300ms);
}

}  // namespace

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

}  // namespace rbamp::simulator::test
