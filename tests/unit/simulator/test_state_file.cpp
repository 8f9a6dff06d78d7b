// Modules keep their supply while the process that holds them dies.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "unit/simulator/house.hpp"

namespace rbamp::simulator::test {
namespace {

struct StateFilePath {
  StateFilePath() : path(std::filesystem::temp_directory_path() / ("rbamp-state-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path);
  }
  ~StateFilePath() { std::filesystem::remove(path); }
  StateFilePath(const StateFilePath&) = delete;
  StateFilePath& operator=(const StateFilePath&) = delete;
  std::filesystem::path path;
};

WorldSettings two_modules(const StateFilePath& file) {
  auto a = module_with({square(2000, -500, 3s), sine(100, 900, 7s)}, Variant::ui2);
  auto b = module_with({constant(700)}, Variant::ui1, 0x51);
  a.window_phase.reset();
  b.window_phase.reset();
  auto settings = world_of({a, b}, {fault(FaultKind::watchdog_reset, 100s)});
  settings.faults.back().module = I2cAddress{0x51};
  settings.state_file = file.path.string();
  return settings;
}

std::unique_ptr<World> open(const WorldSettings& settings, Clock& clock) {
  auto world = World::create(settings, clock);
  if (!world) FAIL(world.error().detail);
  return std::move(*world);
}

void latch(World& world, ManualClock& clock, std::uint8_t address) {
  const Bytes command{reg::command, 0x27};
  REQUIRE(world.bus()->write(I2cAddress{address}, command));
  clock.advance(50ms);
}

Bytes read(World& world, std::uint8_t address, std::uint8_t from, std::size_t size) {
  Bytes bytes(size);
  REQUIRE(world.bus()->read(I2cAddress{address}, from, bytes));
  return bytes;
}

}  // namespace

TEST_CASE("a world goes on where the process before left it, as if nothing had happened") {
  const StateFilePath file;
  const auto settings = two_modules(file);
  auto without_file = settings;
  without_file.state_file.clear();
  ManualClock clock;
  ManualClock reference_clock;
  auto reference = open(without_file, reference_clock);
  auto world = open(settings, clock);
  CHECK_FALSE(world->is_resumed());
  for (int round = 1; round <= 12; ++round) {
    for (const std::uint8_t address : Bytes{0x50, 0x51}) {
      latch(*world, clock, address);
      latch(*reference, reference_clock, address);
      if (round % 3 != 0) {
        CHECK(read(*world, address, 0xBE, 50) == read(*reference, address, 0xBE, 50));
      }
    }
    clock.advance(7777ms);
    reference_clock.advance(7777ms);
    world.reset();  // the process dies
    clock.advance(round * 1111ms);
    reference_clock.advance(round * 1111ms);
    world = open(settings, clock);
    CHECK(world->is_resumed());
    for (const std::uint8_t address : Bytes{0x50, 0x51}) {
      CHECK(read(*world, address, 0x00, 256) == read(*reference, address, 0x00, 256));
    }
  }
  CHECK(clock.boot_now() == reference_clock.boot_now());
  CHECK(world->state(1).boots == 2);  // the scripted reset happened once
  for (std::size_t module = 0; module < 2; ++module) {
    const auto a = world->truth(module);
    const auto b = reference->truth(module);
    CHECK(a.windowed_import.value() == Approx(b.windowed_import.value()).epsilon(1e-12));
    CHECK(a.delivered.value() == Approx(b.delivered.value()).epsilon(1e-12));
    CHECK(a.never_read.value() == Approx(b.never_read.value()).epsilon(1e-12));
    CHECK(a.lost_in_reset.value() == Approx(b.lost_in_reset.value()).epsilon(1e-12));
    CHECK(a.physical_import.value() == Approx(b.physical_import.value()).epsilon(1e-12));
  }
}

TEST_CASE("another process can look at the truth, and cannot take the modules over") {
  const StateFilePath file;
  const auto settings = two_modules(file);
  ManualClock clock;
  auto world = open(settings, clock);
  clock.advance(30s);
  latch(*world, clock, 0x51);
  static_cast<void>(read(*world, 0x51, 0xBE, 50));
  auto view = World::create(settings, clock, WorldAccess::view);
  REQUIRE(view);
  CHECK((*view)->truth(1).delivered.value() == world->truth(1).delivered.value());
  CHECK((*view)->truth(1).delivered.value() > 0);
  clock.advance(30s);
  latch(*world, clock, 0x51);
  CHECK((*view)->truth(1).waiting.value() > 0);  // sees what happened since
  CHECK((*view)->truth(1).waiting.value() == world->truth(1).waiting.value());
  const auto second = World::create(settings, clock);
  REQUIRE_FALSE(second);
  CHECK(second.error().is(Errc::bus_busy));
  CHECK(second.error().detail.find(file.path.string()) != std::string::npos);
}

TEST_CASE("a module is plugged in between two lives of the world, and the others go on") {
  const StateFilePath file;
  auto settings = two_modules(file);
  settings.faults.clear();
  settings.modules[1].plugged = false;
  ManualClock clock;
  {
    auto world = open(settings, clock);
    clock.advance(30s);
    Bytes one(1);
    CHECK(!world->bus()->read(I2cAddress{0x51}, reg::status, one));
    latch(*world, clock, 0x50);
  }
  clock.advance(30s);
  settings.modules[1].plugged = true;
  {
    auto world = open(settings, clock);
    CHECK(world->is_resumed());
    clock.advance(1s);
    CHECK(read(*world, 0x50, 0x07, 1) == Bytes{1});  // its latch is remembered
    CHECK(world->state(1).booted_at >= 60s);
    CHECK(world->state(1).booted_at < 61s);
    CHECK(read(*world, 0x51, reg::reset_cause, 1) == Bytes{2});
    CHECK(world->state(0).boots == 1);
  }
  settings.modules[1].plugged = false;
  auto world = open(settings, clock);
  CHECK(!world->state(1).is_powered);
  world->plug(1);
  clock.advance(1s);
  CHECK(read(*world, 0x51, reg::status, 1) == Bytes{5});
}

TEST_CASE("a state of another world, or of nonsense, is not resumed") {
  const StateFilePath file;
  auto settings = two_modules(file);
  ManualClock clock;
  open(settings, clock)->inject_now(fault(FaultKind::watchdog_reset));
  clock.advance(10s);
  SECTION("other loads") { settings.modules[0].channels[0].loads[0].power_w += 1; }
  SECTION("other modules") { settings.modules.pop_back(); }
  SECTION("nonsense of the same size") {
    const auto size = static_cast<std::size_t>(std::filesystem::file_size(file.path));
    std::ofstream{file.path} << std::string(size, 'x');
  }
  SECTION("truncated") { std::filesystem::resize_file(file.path, 100); }
  const auto world = open(settings, clock);
  CHECK_FALSE(world->is_resumed());
  CHECK(world->state(0).boots == 1);
  CHECK(world->began() == clock.boot_now());
}

TEST_CASE("a state file that cannot be used is an error that names it") {
  ManualClock clock;
  const StateFilePath file;
  auto settings = two_modules(file);
  SECTION("to run") {
    settings.state_file = "/nonexistent/state";
    const auto world = World::create(settings, clock);
    REQUIRE_FALSE(world);
    CHECK(world.error().detail.find("/nonexistent/state") != std::string::npos);
  }
  SECTION("to look at") { CHECK_FALSE(World::create(settings, clock, WorldAccess::view)); }
  SECTION("to look at, without a path") {
    settings.state_file.clear();
    CHECK_FALSE(World::create(settings, clock, WorldAccess::view));
  }
}

TEST_CASE("the state survives a process that is killed in the middle of its work") {
  const StateFilePath file;
  auto settings = two_modules(file);
  settings.faults.clear();
  settings.buses = {{.speed_hz = 0}};
  settings.modules[0].uptime = 10s;
  settings.modules[1].uptime = 10s;
  KernelClock clock;
  for (int i = 0; i < 5; ++i) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto world = World::create(settings, clock);
      if (!world) ::_exit(1);
      const Bytes command{reg::command, 0x27};
      Bytes block(50);
      char started = 'x';
      for (std::uint64_t n = 0;; ++n) {
        static_cast<void>((*world)->bus()->write(I2cAddress{0x51}, command));
        static_cast<void>((*world)->bus()->read(I2cAddress{0x51}, 0xBE, block));
        if (n == 100 && ::write(pipe[1], &started, 1) != 1) ::_exit(1);
      }
    }
    char started = 0;
    REQUIRE(::read(pipe[0], &started, 1) == 1);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    ::close(pipe[0]);
    ::close(pipe[1]);
    auto world = World::create(settings, clock);
    REQUIRE(world);
    CHECK((*world)->is_resumed());
    CHECK((*world)->state(1).boots == 1);
    const auto t = (*world)->truth(1);
    const auto sum = t.delivered + t.waiting + t.never_read + t.pending + t.lost_in_reset;
    CHECK(sum.value() == Approx(t.windowed_import.value()).epsilon(1e-12));
    CHECK(t.windowed_import.value() == Approx(t.physical_import.value()).margin(700 * 0.2 / 3600));
  }
}

}  // namespace rbamp::simulator::test
