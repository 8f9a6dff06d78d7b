// Several buses and an observer at once, on the kernel's clock.
#include <atomic>
#include <thread>

#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {

TEST_CASE("buses can be used from their own threads while the truth is read from another") {
  KernelClock clock;
  auto a = module_with({square(2000, -500, 30ms)});
  auto b = module_with({constant(700)}, Variant::ui1, 0x51);
  auto c = module_with({constant(700)});
  c.bus = "garage";
  for (auto* module : {&a, &b, &c}) {
    module->uptime = 1s;
    module->window = 1ms;
  }
  auto settings = world_of({a, b, c}, {fault_with(FaultKind::nack_address, 0.05)});
  settings.buses = {{.name = "main", .speed_hz = 0}, {.name = "garage", .speed_hz = 0}};
  auto made = World::create(settings, clock);
  REQUIRE(made);
  auto& world = **made;
  auto line = world.drdy({0, 1, 2}, DrdyWake::by_timer);

  const auto master = [&](SimulatedBus* bus, std::uint8_t address, std::uint64_t& done) {
    const Bytes command{reg::command, 0x27};
    Bytes block(50);
    for (int i = 0; i < 2000; ++i) {
      done += bus->write(I2cAddress{address}, command) ? 1U : 0U;
      done += bus->read(I2cAddress{address}, 0xBE, block) ? 1U : 0U;
    }
  };
  std::uint64_t done_main = 0;
  std::uint64_t done_garage = 0;
  std::atomic<bool> is_over{false};
  std::thread first{[&] { master(world.bus("main"), 0x50, done_main); }};
  std::thread second{[&] { master(world.bus("garage"), 0x50, done_garage); }};
  std::thread observer{[&] {
    while (!is_over) {
      for (std::size_t i = 0; i < world.modules(); ++i) static_cast<void>(world.truth(i));
      static_cast<void>(line->drain());
      static_cast<void>(world.bus()->traffic());
    }
  }};
  first.join();
  second.join();
  world.inject_now(fault(FaultKind::watchdog_reset));
  is_over = true;
  observer.join();
  CHECK(world.bus("main")->traffic().transactions == 4000);
  CHECK(world.bus("main")->traffic().transactions - world.bus("main")->traffic().failed == done_main);
  CHECK(world.bus("garage")->traffic().transactions - world.bus("garage")->traffic().failed == done_garage);
  for (std::size_t i = 0; i < world.modules(); ++i) {
    const auto t = world.truth(i);
    const auto sum = t.delivered + t.waiting + t.never_read + t.pending + t.lost_in_reset;
    CHECK(sum.value() == Approx(t.windowed_import.value()).epsilon(1e-9));
    CHECK(world.state(i).boots == 2);
  }
}

}  // namespace rbamp::simulator::test
