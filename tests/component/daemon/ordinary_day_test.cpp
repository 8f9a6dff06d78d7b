// What the journal has of an ordinary day.
#include <algorithm>

#include "log/message_ids.hpp"
#include "told_house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
namespace message_id = log::message_id;

namespace {

constexpr I2cAddress mains{0x50};
constexpr I2cAddress kitchen{0x51};
constexpr I2cAddress workshop{0x52};

/// "starts", "Ready", "Stopping" and "Stopped": written by the program around what this house has.
constexpr std::size_t lines_of_the_program = 4;

simulator::ModuleSettings module_with(I2cAddress address, simulator::LoadSettings load) {
  simulator::ModuleSettings module;
  module.address = address;
  module.uptime = hours{1};
  module.channels.push_back({{std::move(load)}});
  return module;
}

/// A base load at the grid with what the others draw, a kettle three minutes in each hour, and a saw once in two.
HouseSettings ordinary() {
  simulator::LoadSettings base;
  base.shape = simulator::LoadSettings::Shape::sine;
  base.power_w = 400.0;
  base.amplitude_w = 150.0;
  base.period = hours{3};
  simulator::LoadSettings kettle;
  kettle.shape = simulator::LoadSettings::Shape::square;
  kettle.power_w = 2000.0;
  kettle.period = hours{1};
  kettle.duty = 0.05;
  auto saw = kettle;
  saw.power_w = 1500.0;
  saw.period = hours{2};
  HouseSettings settings;
  settings.world.modules = {module_with(mains, base), module_with(kitchen, kettle), module_with(workshop, saw)};
  settings.roles[mains] = metering::Role::grid;
  settings.show_every = seconds{1};  // as events.sample_interval asks for
  return settings;
}

std::size_t lines(ToldHouse& world) {
  const auto entries = world.house().log().entries();
  for (const auto& entry : entries) UNSCOPED_INFO(std::string{log::to_string(entry.level)} + " " + entry.message);
  return entries.size() + lines_of_the_program;
}

}  // namespace

TEST_CASE("a day of an ordinary house is told in under 30 lines at info") {
  ToldHouse world{ordinary()};
  auto& house = world.house();
  world.start();
  house.run_for(hours{6});
  house.inject(simulator::FaultKind::unplug, kitchen, minutes{20});
  house.run_for(hours{6});
  house.inject(simulator::FaultKind::watchdog_reset, workshop);
  house.run_for(hours{6});
  world.broker().answer = mqtt::FakeBroker::Answer::unreachable;
  world.broker().lose();
  house.run_for(minutes{10});
  world.broker().answer = mqtt::FakeBroker::Answer::accept;
  house.run_for(hours{6} - minutes{11});
  world.stop();

  CHECK(lines(world) < 30);
  // And what happened is among them, each edge once.
  CHECK(house.log().count_id(message_id::module_lost) == 1);
  CHECK(house.log().count_id(message_id::broker_lost) == 1);
  CHECK(house.log().contains("connected to the MQTT broker mqtt://localhost:1883 again"));
  CHECK(house.log().count_id(message_id::gap_posted) == 2);
  CHECK(house.log().contains(House::place(workshop) + ": the module restarted"));
  CHECK(house.log().contains("2000 W turned on"));
  // The ledger has each step, whatever the journal held back.
  const auto& events = world.stored_events();
  CHECK(std::count_if(events.begin(), events.end(), [](const auto& event) { return event.kind == "turn_on"; }) > 30);
}
