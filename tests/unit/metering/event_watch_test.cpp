// Events found in live readings: each told once, with words and numbers.
#include "metering/event_watch.hpp"

#include <set>

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct House {
  EventWatch watch;
  BootTime now{seconds{1000}};
  double volts = 230.0;
  double hertz = 50.0;
  double watts = 100.0;

  explicit House(Role role = Role::load, EventSettings settings = {}) : watch(settings, role) {}

  std::vector<Event> run(Microseconds time) {
    std::vector<Event> events;
    for (const BootTime end = now + time; now < end; now += seconds{1}) {
      Reading reading;
      reading.module_id = "mains";
      reading.at = now;
      reading.utc = UtcTime{now.time_since_epoch() + hours{480'000}};
      reading.voltage = Volts{volts};
      reading.frequency = Hertz{hertz};
      reading.channels.push_back({ChannelIndex{0}, "house", Amperes{1.0}, Watts{watts}, std::nullopt, std::nullopt});
      for (auto& event : watch.add(reading)) events.push_back(std::move(event));
    }
    return events;
  }
};

}  // namespace

TEST_CASE("an ordinary day tells nothing") {
  House house;
  for (int i = 0; i < 200; ++i) {
    house.volts = 225.0 + i % 10;
    house.hertz = 49.95 + (i % 10) / 100.0;
    house.watts = 100.0 + (i % 7) * 100.0;
    CHECK(house.run(seconds{30}).empty());
  }
}

TEST_CASE("a switched load is told with delta, power and average") {
  House house;
  CHECK(house.run(minutes{2}).empty());
  house.watts = 2100.0;
  const auto events = house.run(minutes{1});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == EventKind::turn_on);
  CHECK(events[0].module_id == "mains");
  CHECK(events[0].channel_id == "house");
  CHECK(events[0].text == "2000 W turned on, now 2100 W");
  CHECK(events[0].values.delta->value() == Approx(2000.0));
  CHECK(events[0].values.average->value() == Approx(100.0));
}

TEST_CASE("solar power moves by itself and is never a switched load") {
  House house{Role::solar};
  house.watts = -100.0;
  (void)house.run(minutes{2});
  house.watts = -4000.0;
  CHECK(house.run(minutes{5}).empty());
}

TEST_CASE("a voltage out of its limits is told once at each edge") {
  House house;
  (void)house.run(minutes{1});
  house.volts = 255.0;
  auto events = house.run(minutes{30});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == EventKind::over_voltage);
  CHECK(events[0].text == "the voltage is 255.0 V, above 253.0 V");
  house.volts = 252.0;  // inside the limit, but not by the hysteresis
  CHECK(house.run(minutes{5}).empty());
  house.volts = 230.0;
  events = house.run(minutes{5});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == EventKind::voltage_normal);
  house.volts = 0.0;
  events = house.run(minutes{5});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == EventKind::under_voltage);
}

TEST_CASE("a voltage that dances on its limit tells at most one edge a minute") {
  House house;
  std::size_t told = 0;
  for (int i = 0; i < 120; ++i) {
    house.volts = i % 2 == 0 ? 260.0 : 230.0;
    told += house.run(seconds{5}).size();
  }
  CHECK(told >= 1);
  CHECK(told <= 10);
}

TEST_CASE("the frequency is judged by 50 or 60 Hz, whichever the mains has") {
  const auto nominal = GENERATE(50.0, 60.0);
  House house;
  house.hertz = nominal;
  CHECK(house.run(minutes{1}).empty());
  house.hertz = nominal + 0.7;
  const auto events = house.run(minutes{1});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == EventKind::frequency_abnormal);
  house.hertz = nominal;
  const auto normal = house.run(minutes{2});
  REQUIRE(normal.size() == 1);
  CHECK(normal[0].kind == EventKind::frequency_normal);
}

TEST_CASE("a load that delivers for ten minutes is suspected to have its clamp the wrong way round, once") {
  House house{Role::load};
  house.watts = -500.0;
  CHECK(house.run(minutes{9}).empty());
  const auto events = house.run(hours{5});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == EventKind::clamp_reversed);
  CHECK(events[0].text.find("invert = true") != std::string::npos);
}

TEST_CASE("a solar channel that draws is suspected, one that draws a little at night is not") {
  House night{Role::solar};
  night.watts = 8.0;
  CHECK(night.run(hours{10}).empty());
  House turned{Role::solar};
  turned.watts = 3000.0;
  CHECK(turned.run(hours{1}).size() == 1);
  House grid{Role::grid};
  grid.watts = -3000.0;
  CHECK(grid.run(hours{1}).empty());
}

TEST_CASE("what is set to 0 is not watched") {
  EventSettings quiet;
  quiet.power_step = Watts{0.0};
  quiet.over_voltage = Volts{0.0};
  quiet.under_voltage = Volts{0.0};
  quiet.frequency_deviation = Hertz{0.0};
  House house{Role::load, quiet};
  (void)house.run(minutes{2});
  house.watts = 9000.0;
  house.volts = 400.0;
  house.hertz = 42.0;
  CHECK(house.run(minutes{9}).empty());
}

TEST_CASE("every kind of event has a word of its own") {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < event_kinds; ++i) words.insert(to_string(static_cast<EventKind>(i)));
  CHECK(words.size() == event_kinds);
  CHECK_FALSE(words.contains("unknown"));
  CHECK(to_string(static_cast<EventKind>(event_kinds)) == "unknown");
}
