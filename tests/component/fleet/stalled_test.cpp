// A module whose periods cannot be closed, though no answer says so.
#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr I2cAddress first{0x50};

const fleet::Module& module_in(House& house) { return *house.fleet().find_bus("main")->modules().front(); }

}  // namespace

TEST_CASE("a module that answers and whose latches all come out empty is a problem after three rounds, told once") {
  House house{one_kilowatt(first)};
  house.start();
  house.run_for(minutes{10});
  CHECK(house.fleet().problem().empty());
  house.inject(simulator::FaultKind::empty_latch, first, minutes{30});
  house.run_for(minutes{10});
  CHECK(house.fleet().problem().find("its periods cannot be booked") != std::string::npos);
  house.run_for(minutes{15});
  CHECK(house.log().contains("no period of it could be booked in 3 rounds"));
  CHECK(house.log().count(log::Level::warning) == 1);
  house.run_for(minutes{10});
  CHECK(house.fleet().problem().empty());
  CHECK_FALSE(module_in(house).is_stalled());
}

TEST_CASE("neither the start, nor a host that slept, nor a module that was away is taken for a stall") {
  House house{one_kilowatt(first)};
  house.start();
  for (int i = 0; i < 10; ++i) {
    house.run_for(minutes{1});
    CHECK_FALSE(module_in(house).is_stalled());
  }
  house.clock().advance(hours{8});
  for (int i = 0; i < 5; ++i) {
    house.run_for(minutes{1});
    CHECK_FALSE(module_in(house).is_stalled());
  }
  house.inject(simulator::FaultKind::unplug, first, minutes{20});
  for (int i = 0; i < 40; ++i) {
    house.run_for(minutes{1});
    CHECK_FALSE(module_in(house).is_stalled());
  }
}

TEST_CASE("a module without a voltage input has no energy to book, and is none of those") {
  auto settings = one_kilowatt(first);
  settings.world.modules[0].variant = simulator::Variant::i1;
  House house{settings};
  house.start();
  house.run_for(hours{1});
  CHECK_FALSE(module_in(house).is_stalled());
  CHECK(house.log().count(log::Level::warning) == 0);
}
