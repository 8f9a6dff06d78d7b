// The data-ready line: protocol 9.5, 17 S25.
#include <poll.h>

#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

std::size_t drained(SimulatedDrdy& line) {
  const auto edges = line.drain();
  if (!edges) FAIL(edges.error().detail);
  return edges->count;
}

bool is_low(const SimulatedDrdy& line) { return line.is_low().value(); }

}  // namespace

TEST_CASE("the line pulses at every commit", "[S25]") {
  House house{module_with({constant(1000)})};
  auto line = house.world->drdy({0}, DrdyWake::by_hand);
  house.wait_until(49ms);
  CHECK(drained(*line) == 0);
  CHECK(line->next_edge() == house.world->began() + 50ms);
  house.wait_until(50ms);
  CHECK(drained(*line) == 1);
  CHECK(line->next_edge() == house.world->began() + 200ms);
  house.wait_until(10s);
  const auto edges = line->drain();
  REQUIRE(edges);
  CHECK(edges->count == 50);
  REQUIRE(edges->fell.size() == 16);  // what a kernel keeps: the oldest
  CHECK(edges->fell.front() == house.world->began() + 200ms);
  CHECK(edges->fell.back() == house.world->began() + 16 * 200ms);
  CHECK_FALSE(is_low(*line));
}

TEST_CASE("several modules share a line", "[S25]") {
  auto a = module_with({constant(1000)});
  auto b = module_with({constant(1000)}, Variant::ui1, 0x51);
  b.window_phase = 120ms;
  House house{world_of({a, b})};
  auto line = house.world->drdy({0, 1}, DrdyWake::by_hand);
  house.wait_until(1s);
  static_cast<void>(drained(*line));
  CHECK(line->next_edge() == house.world->began() + 1080ms);
  house.wait_until(1400ms);
  const auto edges = line->drain();
  REQUIRE(edges);
  CHECK(edges->fell == std::vector{house.world->began() + 1080ms, house.world->began() + 1200ms, house.world->began() + 1280ms,
                                   house.world->began() + 1400ms});
  house.wait_until(2s);
  CHECK(drained(*line) == 6);
}

TEST_CASE("masked events hold the line low and hide the pulses until they are cleared", "[S25]") {
  auto a = module_with({constant(1000)});
  auto b = module_with({constant(1000)}, Variant::ui1, 0x51);
  House house{world_of({a, b})};
  house.wait_until(1s);
  for (const std::uint8_t address : Bytes{0x50, 0x51}) house.write(reg::event_flags, 0x20, address);
  house.write(reg::event_mask, 0x01);
  auto line = house.world->drdy({0, 1}, DrdyWake::by_hand);
  house.wait_until(2s + 50ms);
  static_cast<void>(drained(*line));
  house.command(protocol::Command::latch_period);
  CHECK_FALSE(is_low(*line));
  house.wait(5ms);
  CHECK(is_low(*line));
  CHECK(drained(*line) == 1);  // the fall
  house.wait_until(4s);
  CHECK(drained(*line) == 0);  // 0x51's pulses are invisible too
  house.write(reg::event_flags, 0x01);
  CHECK_FALSE(is_low(*line));
  house.wait_until(4s + 210ms);
  CHECK(drained(*line) == 2);
  SECTION("a change of the mask acts at once") {
    house.write(reg::group_id, 1);
    house.write(reg::label, 'x');
    CHECK_FALSE(is_low(*line));
    house.write(reg::event_mask, 0x10);
    CHECK(is_low(*line));
    house.write(reg::event_mask, 0x00);
    CHECK_FALSE(is_low(*line));
  }
}

TEST_CASE("a line can be silent, stuck or noisy", "[S25]") {
  House house{module_with({constant(1000)}),
              {fault(FaultKind::drdy_silent, 2s, 1s), fault(FaultKind::drdy_stuck, 4s, 1s),
               fault_with(FaultKind::drdy_noise, 100, 6s, 1s)}};
  auto line = house.world->drdy({0}, DrdyWake::by_hand);
  house.wait_until(1950ms);
  static_cast<void>(drained(*line));
  house.wait_until(2950ms);
  CHECK(drained(*line) == 0);
  house.wait_until(3950ms);
  CHECK(drained(*line) == 5);
  house.wait_until(4500ms);
  CHECK(is_low(*line));
  CHECK(drained(*line) == 1);  // the fall
  house.wait_until(5950ms);
  CHECK(drained(*line) == 5);
  house.wait_until(6950ms);
  CHECK(drained(*line) == 5 + 95);
}

TEST_CASE("a reset moves the pulses", "[S25]") {
  House house{module_with({constant(1000)}), {fault(FaultKind::power_cycle, 2050ms, 1s)}};
  auto line = house.world->drdy({0}, DrdyWake::by_hand);
  house.wait_until(2040ms);
  static_cast<void>(drained(*line));
  house.wait_until(3s);
  CHECK(drained(*line) == 0);
  house.wait_until(3110ms);
  CHECK(drained(*line) == 1);  // 50 ms after boot
  house.wait_until(3260ms);
  CHECK(drained(*line) == 1);
}

TEST_CASE("on the kernel's clock the descriptor becomes readable at a pulse") {
  KernelClock clock;
  auto module = module_with({constant(1000)});
  module.uptime = 10s;
  module.window = 20ms;
  auto world = World::create(world_of({module}), clock);
  REQUIRE(world);
  auto line = (*world)->drdy({0}, DrdyWake::by_timer);
  for (int i = 0; i < 3; ++i) {
    pollfd wait{line->fd(), POLLIN, 0};
    REQUIRE(poll(&wait, 1, 5000) == 1);  // the timer's own time, no sleep
    const auto edges = line->drain();
    REQUIRE(edges);
    CHECK(edges->count >= 1);
    const auto age = (clock.boot_now() - (*world)->began()) % 20ms;
    CHECK(age >= 0us);
  }
  pollfd drained_line{line->fd(), POLLIN, 0};
  CHECK(poll(&drained_line, 1, 0) == 0);
}

}  // namespace rbamp::simulator::test
