// What the fleet has to tell people, on the simulator in virtual time.
#include <algorithm>

#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::EventKind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};

HouseSettings at_the_grid() {
  auto settings = one_kilowatt(first);
  settings.role = metering::Role::grid;
  return settings;
}

long count(House& house, EventKind kind) {
  const auto& events = house.output().events;
  return std::count_if(events.begin(), events.end(), [&](const auto& event) { return event.kind == kind; });
}

}  // namespace

TEST_CASE("an undisturbed day has no events") {
  House house{at_the_grid()};
  house.start();
  house.run_for(hours{24});
  for (const auto& event : house.output().events) UNSCOPED_INFO(event.text);
  CHECK(house.output().events.empty());
}

TEST_CASE("a restart of a module is one event with its cause") {
  House house{at_the_grid()};
  house.start();
  house.run_for(minutes{5});
  house.inject(simulator::FaultKind::power_cycle, first);
  house.run_for(minutes{5});
  CHECK(count(house, EventKind::module_reset) == 1);
  const auto& events = house.output().events;
  const auto reset = std::find_if(events.begin(), events.end(), [](const auto& e) { return e.kind == EventKind::module_reset; });
  REQUIRE(reset != events.end());
  CHECK(reset->module_id == House::place(first));
  CHECK(reset->text.find("power") != std::string::npos);
}

TEST_CASE("an error that a module reports is told once, however often it is seen") {
  House house{at_the_grid()};
  house.start();
  house.run_for(minutes{5});
  house.inject(simulator::FaultKind::overload, first);
  house.run_for(minutes{30});
  CHECK(count(house, EventKind::clamp_saturated) == 1);
}

TEST_CASE("a module that is lost and comes back is told at both edges") {
  House house{at_the_grid()};
  house.start();
  house.run_for(minutes{5});
  house.inject(simulator::FaultKind::unplug, first, minutes{5});
  house.run_for(minutes{20});
  CHECK(count(house, EventKind::module_lost) == 1);
  CHECK(count(house, EventKind::module_back) == 1);
  CHECK(count(house, EventKind::module_reset) == 1);
}

TEST_CASE("both rulers agree on the simulator, and the ratio is known after an hour") {
  auto settings = at_the_grid();
  settings.show_every = seconds{5};
  House house{settings};
  house.start();
  house.run_for(minutes{50});
  CHECK_FALSE(house.output().readings.at(House::place(first)).channels[0].ruler_ratio);
  house.run_for(minutes{20});
  const auto ratio = house.output().readings.at(House::place(first)).channels[0].ruler_ratio;
  REQUIRE(ratio);
  CHECK(*ratio == Approx(1.0).epsilon(0.01));
  CHECK(house.fleet().buses().front()->modules().front()->ruler_ratio(ChannelIndex{0}) == ratio);
  CHECK(count(house, EventKind::rulers_disagree) == 0);
}

TEST_CASE("a module without a voltage input is asked for restarts and errors too, though no latch ever looks at it") {
  auto settings = at_the_grid();
  settings.world.modules[0].variant = simulator::Variant::i1;
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  CHECK(house.output().events.empty());
  house.inject(simulator::FaultKind::power_cycle, first);
  house.run_for(minutes{5});
  CHECK(count(house, EventKind::module_reset) == 1);
  house.inject(simulator::FaultKind::overload, first);
  house.run_for(minutes{10});
  CHECK(count(house, EventKind::clamp_saturated) == 1);
  CHECK(count(house, EventKind::module_reset) == 1);
}

TEST_CASE("a module that restarts is not taken for one whose rulers disagree") {
  auto settings = at_the_grid();
  settings.period = hours{1};
  House house{settings};
  house.start();
  house.run_for(hours{2} + minutes{30});
  house.inject(simulator::FaultKind::power_cycle, first);
  house.run_for(hours{3});
  CHECK(count(house, EventKind::module_reset) == 1);
  CHECK(count(house, EventKind::rulers_disagree) == 0);
}
