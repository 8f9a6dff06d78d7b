// What the fleet has to tell people, on the simulator in virtual time.
#include <algorithm>

#include "daemon/setting_jobs.hpp"
#include "log/message_ids.hpp"
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

/// Ten minutes above the threshold that watch_power() sets, ten below, and so on. `is_level`: a module that sets its flag again with
/// each window above the threshold (protocol 20.4).
HouseSettings now_and_then_above(bool is_level) {
  auto settings = one_kilowatt(first);
  auto& module = settings.world.modules[0];
  module.quirks.threshold_is_level = is_level;
  auto& load = module.channels[0].loads[0];
  load.shape = simulator::LoadSettings::Shape::square;
  load.low_w = 200.0;
  load.period = minutes{20};
  return settings;
}

void watch_power(House& house) {
  commissioning::Thresholds wish;
  wish.power = Watts{500.0};
  const daemon::ChipPlace chip{first, house.output().descriptions.at(House::place(first)).uid};
  REQUIRE(daemon::write_thresholds(house.fleet().find_bus("main")->station(), chip, wish));
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

TEST_CASE("an error that passed is told, though nobody can say any more which it was") {
  House house{at_the_grid()};
  house.start();
  house.run_for(minutes{5});
  house.inject(simulator::FaultKind::overload, first, seconds{5});  // the latch that ends the period clears REG_ERROR
  house.run_for(minutes{5});
  CHECK(count(house, EventKind::clamp_saturated) == 0);
  REQUIRE(count(house, EventKind::module_error) == 1);
  CHECK(house.output().events.front().text.find("an error that was over when it was asked which") != std::string::npos);
}

TEST_CASE("errors that come and go each minute are told once, and again after an hour without") {
  House house{at_the_grid()};
  house.start();
  house.run_for(minutes{5});
  for (int minute = 0; minute < 180; ++minute) {
    house.inject(simulator::FaultKind::overload, first, seconds{5});
    house.run_for(minutes{1});
  }
  CHECK(count(house, EventKind::module_error) == 1);
  house.run_for(minutes{61});
  house.inject(simulator::FaultKind::overload, first, seconds{5});
  house.run_for(minutes{2});
  CHECK(count(house, EventKind::module_error) == 2);
}

TEST_CASE(
    "a threshold that is crossed is told at each crossing and not at each look, whether the module shows an edge or a level") {
  const bool is_level = GENERATE(false, true);
  CAPTURE(is_level);
  House house{now_and_then_above(is_level)};
  house.start();
  house.run_for(minutes{2});
  watch_power(house);
  house.run_for(minutes{58});  // three times above, with ten looks each
  CHECK(count(house, EventKind::threshold_power) == 3);
  CHECK(count(house, EventKind::threshold_current) == 0);
}

TEST_CASE("a module that holds the DRDY line low with its threshold is told once while it stays above") {
  auto settings = now_and_then_above(true);
  settings.role = metering::Role::grid;  // read at every window
  settings.drdy = {{std::nullopt, "main", {0}}};
  House house{settings};
  house.start();
  house.run_for(minutes{2});
  auto& station = house.fleet().find_bus("main")->station();
  REQUIRE(station.write(first, protocol::reg::event_mask, 0x06, fleet::Effort::stubborn));  // both thresholds
  watch_power(house);
  house.run_for(minutes{7});
  for (const auto& entry : house.log().entries()) UNSCOPED_INFO(entry.message);
  CHECK(house.log().count_id(log::message_id::drdy_trouble) == 2);  // the line that is held, and who holds it
  CHECK(count(house, EventKind::threshold_power) == 1);
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

TEST_CASE("both rulers agree on the simulator, in each period and over each hour") {
  auto settings = at_the_grid();
  settings.show_every = seconds{5};
  House house{settings};
  house.start();
  house.run_for(minutes{50});
  CHECK_FALSE(house.output().readings.at(House::place(first)).channels[0].ruler_ratio);
  const auto of_period = house.output().readings.at(House::place(first)).channels[0].period_ruler_ratio;
  REQUIRE(of_period);
  CHECK(*of_period == Approx(1.0).epsilon(0.02));
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
