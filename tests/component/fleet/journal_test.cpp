// What a day writes to the journal, with everything that can come and go doing so.
#include <algorithm>

#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};

std::size_t lines_of_a_day(House& house) {
  house.log().clear();
  for (int minute = 0; minute < 24 * 60; ++minute) {
    house.inject(simulator::FaultKind::unplug, first, seconds{20});
    house.run_for(seconds{60});
  }
  for (const auto& entry : house.log().entries()) UNSCOPED_INFO(entry.message);
  return house.log().entries().size();
}

}  // namespace

TEST_CASE("a plug that loses contact once a minute writes less than 100 lines a day, and every loss is an event") {
  auto settings = one_kilowatt(first);
  settings.role = metering::Role::grid;  // read at every window: each loss is noticed
  House house{settings};
  house.hold_back_floods();
  house.start();
  house.run_for(seconds{90});
  CHECK(lines_of_a_day(house) <= 100);
  CHECK(lines_of_a_day(house) <= 40);
  const auto& events = house.output().events;
  CHECK(std::count_if(events.begin(), events.end(),
                      [](const auto& event) { return event.kind == metering::EventKind::module_lost; }) > 2000);
}

TEST_CASE("an undisturbed day writes nothing after the start") {
  House house{one_kilowatt(first)};
  house.hold_back_floods();
  house.start();
  house.run_for(seconds{90});
  house.log().clear();
  house.run_for(hours{24});
  CHECK(house.log().entries().empty());
}
