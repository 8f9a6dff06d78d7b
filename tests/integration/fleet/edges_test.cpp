// DRDY edges with the real loop and a bus's real thread, in real time; what is right is tested in virtual time (tests/component/fleet).
#include <array>

#include "fleet/fleet.hpp"
#include "loop/worker_thread.hpp"
#include "simulator/house.hpp"
#include "support/catch.hpp"
#include "support/memory_ledger.hpp"
#include "support/memory_sink.hpp"
#include "support/recorded_output.hpp"
#include "support/timed_loop.hpp"

using namespace rbamp;
using std::chrono::seconds;

namespace {

constexpr std::array<std::uint8_t, 3> addresses{0x50, 0x51, 0x52};
constexpr I2cAddress own{0x50};

simulator::WorldSettings three_modules() {
  simulator::WorldSettings settings;
  for (const std::uint8_t address : addresses) {
    simulator::LoadSettings load;
    load.shape = simulator::LoadSettings::Shape::solar_day;
    load.power_w = -3000.0;
    simulator::ModuleSettings module;
    module.address = I2cAddress{address};
    module.uptime = std::chrono::hours{1};
    module.channels.push_back({{load}});
    settings.modules.push_back(module);
  }
  settings.time_of_day = std::chrono::hours{10};
  return settings;
}

/// Books at once, in memory.
class Books final : public metering::Accounting {
 public:
  explicit Books(loop::Scheduler& loop) : loop_(loop) {}
  void open(metering::AccountRequest request, std::function<void(Result<metering::Account>)> done) override {
    loop_.post([done = std::move(done), account = ledger_.open_account(request)] { done(account); });
  }
  void arm(std::vector<metering::ArmedLatch> latches, Done done) override {
    loop_.post([done = std::move(done), result = ledger_.arm(latches)] { done(result); });
  }
  void book(std::vector<metering::ModuleReport> /*reports*/, std::uint16_t /*last_gc_tick*/, Done durable,
            Answer /*answer*/) override {
    loop_.post([durable = std::move(durable)] { durable({}); });
  }
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return ledger_.last_gc_tick(); }

 private:
  loop::Scheduler& loop_;
  support::MemoryLedger ledger_;
};

/// A bus with a thread, a module with a line for itself and two that share one.
class Bus {
 public:
  Bus() {
    auto built = simulator::World::create(three_modules(), loop->clock());
    if (!built) throw std::runtime_error(built.error().detail);
    world = std::move(*built);
    station = std::make_unique<fleet::BusStation>("main", simulator::open_in(*world, "main"), loop->clock());
    fleet = std::make_unique<fleet::Fleet>(fleet::Fleet::Settings{seconds{60}, TimeZone::utc(), BootId{BootId::Bytes{7}}},
                                           fleet::Fleet::Environment{*loop, books, output, log}, [] {});
    fleet::BusFleet::Settings settings;
    settings.name = "main";
    for (const std::uint8_t address : addresses)
      settings.assignments.push_back(
          {I2cAddress{address}, "at_" + std::to_string(address), "Module", metering::Role::grid, {}, {}});
    settings.drdy_lines.push_back({own, "Module", [this] { return line({0}); }});
    settings.drdy_lines.push_back({std::nullopt, "Bus", [this] { return line({1, 2}); }});
    fleet->add_bus(std::move(settings), *station, worker);
    fleet->start();
  }

  Result<std::unique_ptr<gpio::DrdyLine>> line(std::vector<std::size_t> modules) {
    return std::unique_ptr<gpio::DrdyLine>{world->drdy(std::move(modules), simulator::DrdyWake::by_timer)};
  }
  [[nodiscard]] fleet::BusFleet& bus() { return *fleet->find_bus("main"); }

  support::TimedLoop loop{seconds{60}};
  support::MemorySink sink;
  log::Logger log{sink, log::Level::info};
  support::RecordedOutput output;
  Books books{*loop};
  std::unique_ptr<simulator::World> world;
  std::unique_ptr<fleet::BusStation> station;
  std::unique_ptr<fleet::Fleet> fleet;
  loop::WorkerThread worker{"bus-main"};
};

}  // namespace

TEST_CASE("a module with a line of its own is read at its edges, by the thread that met them") {
  Bus bus;
  bus.loop.run_until([&] { return bus.bus().windows().seen >= 30 && bus.bus().edge_latency().quantile(0.5); });
  CHECK(bus.bus().drdy() == fleet::DrdyLines::State::edges);
  CHECK(bus.worker.stop(seconds{10}));
}

TEST_CASE("a line that becomes noisy is closed while its edges fall") {
  Bus bus;
  bus.loop.run_until([&] { return bus.bus().windows().seen >= 10 && bus.bus().drdy() == fleet::DrdyLines::State::edges; });
  simulator::Fault noise;
  noise.kind = simulator::FaultKind::drdy_noise;
  noise.module = own;
  noise.value = 2000.0;
  noise.lasting = seconds{60};
  bus.world->inject_now(noise);
  bus.loop.run_until([&] { return bus.bus().drdy() == fleet::DrdyLines::State::silent; });
  const auto seen = bus.bus().windows().seen;
  bus.loop.run_until([&] { return bus.bus().windows().seen >= seen + 10; });
  CHECK(bus.sink.contains("more than its modules have windows"));
  CHECK(bus.worker.stop(seconds{10}));
}

TEST_CASE("a fleet may end while edges fall and its thread goes on") {
  Bus bus;
  bus.loop.run_until([&] { return bus.bus().windows().seen >= 10; });
  bus.fleet.reset();
  int turns = 0;
  bus.loop.run_until([&] { return ++turns > 300; });  // 0.3 s: more than a window
  CHECK(bus.worker.stop(seconds{10}));
}
