// Modules without a voltage input, metered with the voltage of another one.
#include <algorithm>

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress mains{0x50};
constexpr I2cAddress lights{0x53};
constexpr double amperes = 4.0;
constexpr double factor = 0.8;
constexpr double watts = 230.0 * amperes * factor;

/// A module with voltage and 500 W, and a three-channel module without, with 4 A on its first input.
HouseSettings house_with_lights() {
  HouseSettings settings;
  settings.period = seconds{10};
  simulator::ModuleSettings first;
  first.address = mains;
  first.uptime = std::chrono::hours{1};
  first.channels.push_back({{simulator::LoadSettings{}}});
  first.channels.front().loads.front().power_w = 500.0;
  simulator::ModuleSettings second;
  second.address = lights;
  second.variant = simulator::Variant::i3;
  second.uptime = std::chrono::hours{1};
  second.channels.push_back({{simulator::LoadSettings{}}});
  second.channels.front().loads.front().power_w = 230.0 * amperes;
  settings.world.modules = {first, second};
  settings.voltage_from[lights] = {mains, factor};
  return settings;
}

WattHours import_of(House& house, const std::string& channel) {
  return house.ledger().registers(House::place(lights), channel).energy_import.to_watt_hours();
}

Microseconds covered(House& house, Quality quality) {
  Microseconds sum{};
  for (const auto& line : house.ledger().closings(House::place(lights))) {
    if (line.quality == quality) sum += line.span.length;
  }
  return sum;
}

}  // namespace

TEST_CASE("current times borrowed voltage times power factor is booked as an estimate, and says so") {
  House house{house_with_lights()};
  house.start();
  house.run_for(minutes{10});
  const auto lines = house.ledger().closings(House::place(lights));
  REQUIRE(lines.size() >= 59);
  for (const auto& line : lines) {
    CHECK(line.quality == Quality::estimated);
    CHECK(line.reason == Reason::voltage_borrowed);
  }
  const auto hours = std::chrono::duration<double, std::ratio<3600>>{covered(house, Quality::estimated)}.count();
  CHECK(hours > 0.16);
  CHECK(import_of(house, "ch0").value() == Approx(watts * hours).epsilon(0.001));
  CHECK(import_of(house, "ch1").value() == 0.0);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("without voltage_from a module without a voltage input has no energy") {
  auto settings = house_with_lights();
  settings.voltage_from.clear();
  House house{settings};
  house.start();
  house.run_for(minutes{2});
  CHECK(house.ledger().closings(House::place(lights)).empty());
}

TEST_CASE("when the named module never tells a voltage nothing is booked, and one warning says why") {
  auto settings = house_with_lights();
  settings.voltage_from[lights].first = I2cAddress{0x77};
  House house{settings};
  house.start();
  house.run_for(minutes{2});
  CHECK(house.ledger().closings(House::place(lights)).empty());
  CHECK(house.log().contains("gets no energy: no voltage was read"));
}

TEST_CASE("a module with a voltage input is metered by itself, whatever voltage_from says") {
  auto settings = house_with_lights();
  settings.voltage_from = {{mains, {lights, factor}}};
  House house{settings};
  house.start();
  house.run_for(minutes{2});
  for (const auto& line : house.ledger().closings(House::place(mains))) CHECK(line.quality == Quality::measured);
  CHECK(house.log().contains("voltage_from and power_factor have no effect"));
}

TEST_CASE("no latch is sent to a module that is estimated") {
  House house{house_with_lights()};
  house.start();
  house.run_for(minutes{2});
  CHECK(house.world().counters(0).latches_requested > 5);
  CHECK(house.world().counters(1).latches_requested == 0);
}

TEST_CASE("while rbampd was away an estimated module has one gap, and no time is lost or covered twice") {
  House house{house_with_lights()};
  house.start();
  house.run_for(minutes{2});
  house.kill();
  house.run_for(minutes{5});
  house.start();
  house.run_for(minutes{2});
  house.stop();
  const auto lines = house.ledger().closings(House::place(lights));
  const auto gap = covered(house, Quality::gap);
  CHECK(gap >= minutes{5});
  CHECK(gap <= minutes{5} + seconds{12});  // what was not booked yet when it was killed is nobody's
  CHECK(gap + covered(house, Quality::estimated) == lines.back().span.end.at - lines.front().span.begin.at);
  CHECK(std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.quality == Quality::gap; }) == 1);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("an orderly stop books an estimate to its end") {
  House house{house_with_lights()};
  house.start();
  house.run_for(seconds{65});
  house.stop();
  const auto lines = house.ledger().closings(House::place(lights));
  CHECK(house.clock().boot_now() - lines.back().span.end.at < seconds{1});
}

TEST_CASE("when the module is unplugged its estimate ends with the last reading, and the time without it is one gap") {
  auto settings = house_with_lights();
  simulator::Fault unplug;
  unplug.kind = simulator::FaultKind::unplug;
  unplug.at = seconds{65};
  unplug.lasting = seconds{60};
  unplug.module = lights;
  settings.world.faults.push_back(unplug);
  House house{settings};
  house.start();
  house.run_for(minutes{5});
  const auto gap = covered(house, Quality::gap);
  CHECK(gap > seconds{58});
  CHECK(gap < seconds{90});  // it is looked for with growing pauses
  const auto hours = std::chrono::duration<double, std::ratio<3600>>{covered(house, Quality::estimated)}.count();
  CHECK(import_of(house, "ch0").value() == Approx(watts * hours).epsilon(0.005));
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a reload books what was estimated so far, also on a bus where nothing is latched") {
  auto settings = house_with_lights();
  settings.period = std::chrono::hours{1};
  settings.world.modules[1].bus = "sub";
  House house{settings};
  house.start();
  house.run_for(minutes{30});
  const auto booked = import_of(house, "ch0").value();
  fleet::Fleet::Change change;
  change.period = settings.period;
  fleet::Assignment renamed{lights, House::place(lights), "Lights", metering::Role::load, {}, {}};
  renamed.channels = {{ChannelIndex{0}, "ch0", "Hall", false}};
  renamed.voltage_from = fleet::VoltageSource{House::place(mains), factor};
  change.buses["sub"].assignments = {renamed};
  fleet::Assignment source{mains, House::place(mains), "Module 0x50", metering::Role::load, {}, {}};
  source.lends_voltage = true;
  change.buses["main"].assignments = {source};
  CHECK_FALSE(house.fleet().reconfigure(std::move(change)));
  house.run_for(minutes{1});
  CHECK(import_of(house, "ch0").value() - booked > 0.4 * watts);
}
