#include "fleet/drdy_watch.hpp"

#include <vector>

#include "loop/virtual_executor.hpp"
#include "loop/virtual_loop.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"

using namespace rbamp;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct LineState {
  std::size_t pending = 0;
  std::size_t lost = 0;
  bool is_low = false;
  bool fails = false;
};

class FakeLine final : public gpio::DrdyLine {
 public:
  FakeLine(LineState& state, Clock& clock) : state_(state), clock_(clock) {}
  [[nodiscard]] int fd() const override { return 42; }
  [[nodiscard]] Result<gpio::Edges> drain() override {
    if (state_.fails) return failure(Errc::bus_io, Remedy::reinitialise, "the chip is gone");
    const auto count = std::exchange(state_.pending, 0);
    return gpio::Edges{count, std::exchange(state_.lost, 0), std::vector<BootTime>(count, clock_.boot_now())};
  }
  [[nodiscard]] Result<bool> is_low() const override { return state_.is_low; }
  [[nodiscard]] std::string describe() const override { return "fake"; }

 private:
  LineState& state_;
  Clock& clock_;
};

struct World {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  support::MemorySink sink;
  log::Logger log{sink, log::Level::info};
  LineState line;
  bool can_open = true;
  std::function<bool()> readable;
  loop::VirtualExecutor executor{loop,
                                 [this](int /*fd*/, std::function<bool()> ready) {
                                   readable = std::move(ready);
                                   return loop::Watch{};
                                 },
                                 [] {}};
  int opened = 0;
  std::vector<BootTime> met;
  int edges = 0;
  int held = 0;
  bool follows = false;
  fleet::DrdyWatch watch{{"main", "Bus \"main\"", 0},
                         [this]() -> Result<std::unique_ptr<gpio::DrdyLine>> {
                           ++opened;
                           if (!can_open) return failure(Errc::bus_missing, Remedy::reinitialise, "there is no gpiochip9");
                           return std::unique_ptr<gpio::DrdyLine>{std::make_unique<FakeLine>(line, clock)};
                         },
                         {executor, loop, log},
                         {[this](const std::vector<BootTime>& fell) { met.insert(met.end(), fell.begin(), fell.end()); },
                          [this](const gpio::Edges&) { ++edges; }, [this](bool yes) { follows = yes; }, [this] { ++held; }}};

  World() {
    watch.set_modules(1);
    watch.start();
  }
  bool fall(std::size_t count = 1) {
    line.pending += count;
    return readable();
  }
  /// Until the loop knows.
  void pulse(std::size_t count = 1) {
    fall(count);
    loop.run_for(loop::Scheduler::leisure);
  }
  void pulse_for(Microseconds time) {
    for (Microseconds done{}; done < time; done += milliseconds{200}) {
      pulse();
      loop.run_for(milliseconds{200} - loop::Scheduler::leisure);
    }
  }
  [[nodiscard]] std::size_t warnings() const { return sink.count(log::Level::warning); }
};

}  // namespace

TEST_CASE("edges are passed on, and trusted from the first one") {
  World world;
  CHECK_FALSE(world.follows);
  world.pulse_for(seconds{20});
  CHECK(world.edges == 100);
  CHECK(world.follows);
  CHECK(world.warnings() == 0);
}

TEST_CASE("an edge is met on the executor at once, and the loop hears of it a little later") {
  World world;
  world.loop.run_for(milliseconds{7});
  world.fall();
  CHECK(world.met == std::vector{world.clock.boot_now()});
  CHECK(world.edges == 0);
  world.loop.run_for(loop::Scheduler::leisure);
  CHECK(world.edges == 1);
}

TEST_CASE("an edge that the loop has not heard of when its line is closed is not passed on") {
  World world;
  world.pulse_for(seconds{1});
  const auto before = world.edges;
  world.fall();
  world.line.fails = true;
  world.fall();
  world.loop.run_for(seconds{1});
  CHECK(world.edges == before + 1);  // it fell before the fault
  CHECK_FALSE(world.follows);
  world.fall();
  world.loop.run_for(seconds{1});
  CHECK(world.edges == before + 1);
}

TEST_CASE("a line that falls silent is left for the clock with one warning, and taken again with its next edge") {
  World world;
  world.pulse_for(seconds{5});
  world.loop.run_for(seconds{60});
  CHECK_FALSE(world.follows);
  CHECK(world.warnings() == 1);
  world.pulse();
  CHECK(world.follows);
  CHECK(world.watch.problem().empty());
}

TEST_CASE("silence is no fault while no module is metered") {
  World world;
  world.watch.set_modules(0);
  world.loop.run_for(seconds{60});
  CHECK(world.warnings() == 0);
}

TEST_CASE("a line that was never connected is told once") {
  World world;
  world.loop.run_for(seconds{600});
  CHECK(world.warnings() == 1);
  CHECK(world.watch.problem().find("no edges") != std::string::npos);
}

TEST_CASE("a line that stays low after an edge is held by an event, and asked about again until it is released") {
  World world;
  world.pulse_for(seconds{1});
  world.line.is_low = true;
  world.pulse();
  world.loop.run_for(milliseconds{51});  // a quarter of a window
  CHECK(world.held == 1);
  CHECK_FALSE(world.follows);
  world.loop.run_for(seconds{10});
  CHECK(world.held > 2);
  CHECK(world.warnings() == 1);
  world.line.is_low = false;
  world.pulse();
  CHECK(world.follows);
}

TEST_CASE("a line that is low only for the pulse itself is fine") {
  World world;
  world.line.is_low = true;
  world.pulse();
  world.line.is_low = false;
  world.loop.run_for(seconds{1});
  CHECK(world.held == 0);
  CHECK(world.warnings() == 0);
}

TEST_CASE("pulses of some milliseconds, of several modules in turn, are no held line") {
  World world;
  world.watch.set_modules(8);
  for (int i = 0; i < 400; ++i) {
    world.line.is_low = true;
    world.fall();
    world.loop.run_for(milliseconds{10});
    world.line.is_low = false;
    world.loop.run_for(milliseconds{15});
  }
  CHECK(world.held == 0);
  CHECK(world.warnings() == 0);
}

TEST_CASE("a noisy line is left alone for a minute and tried again") {
  World world;
  world.pulse_for(seconds{1});
  world.pulse(500);
  CHECK_FALSE(world.follows);
  CHECK(world.warnings() == 1);
  CHECK(world.opened == 1);
  world.loop.run_for(seconds{61});
  CHECK(world.opened == 2);
  world.pulse();
  CHECK(world.follows);
}

TEST_CASE("a line that cannot be opened is tried again for ever, less and less often, with one warning") {
  World world;
  world.can_open = false;
  world.line.fails = true;
  CHECK_FALSE(world.fall());  // not to be called for it any more
  world.loop.run_for(std::chrono::hours{2});
  CHECK(world.warnings() == 1);
  CHECK(world.opened > 10);
  CHECK(world.opened < 60);
  world.can_open = true;
  world.line.fails = false;
  world.loop.run_for(seconds{301});
  world.pulse();
  CHECK(world.follows);
}

TEST_CASE("edges that the kernel dropped are counted") {
  World world;
  world.line.lost = 3;
  world.pulse();
  CHECK(world.watch.lost() == 3);
}

TEST_CASE("a line that works again is used at once, and called good after it has worked for a while") {
  World world;
  world.pulse_for(seconds{5});
  world.loop.run_for(seconds{60});
  world.pulse();
  CHECK(world.follows);
  CHECK(world.sink.count(log::Level::info) == 0);
  world.pulse_for(seconds{11});
  CHECK(world.sink.count(log::Level::info) == 1);
}

TEST_CASE("a line that comes and goes for a day is told a few dozen times at most") {
  const Microseconds works = GENERATE(Microseconds{seconds{1}}, Microseconds{seconds{20}}, Microseconds{seconds{300}});
  World world;
  for (Microseconds day{}; day < std::chrono::hours{24}; day += works + seconds{5}) {
    world.pulse_for(works);
    world.loop.run_for(seconds{5});  // silent
  }
  CHECK(world.warnings() >= 1);
  CHECK(world.warnings() + world.sink.count(log::Level::info) < 30);
}

TEST_CASE("a fault after a day without one is told like the first") {
  World world;
  for (int day = 0; day < 3; ++day) {
    world.pulse_for(std::chrono::hours{25});
    world.loop.run_for(seconds{5});
    world.pulse_for(seconds{30});
    CHECK(world.warnings() == static_cast<std::size_t>(day) + 1);
    CHECK(world.sink.count(log::Level::info) == static_cast<std::size_t>(day) + 1);
  }
}
