// Firmware that averages export itself: the registers that the configuration names. Protocol 1.3, design section 3.
#include <algorithm>

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::ExportSource;
using metering::Quality;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress roof{0x52};

/// +2 kW and -1 kW in turn: a clamp that sees both directions in each period.
HouseSettings house_on_both_sides() {
  HouseSettings settings;
  settings.period = seconds{10};
  settings.role = metering::Role::grid;
  simulator::ModuleSettings module;
  module.address = roof;
  module.uptime = std::chrono::hours{1};
  module.is_standard_tier = true;
  module.export_register = 0x34;
  simulator::LoadSettings load;
  load.shape = simulator::LoadSettings::Shape::square;
  load.power_w = 2000.0;
  load.low_w = -1000.0;
  load.period = seconds{3};
  module.channels.push_back({{load}});
  settings.world.modules = {module};
  settings.export_register[roof] = 0x34;
  return settings;
}

metering::Closing last_line(House& house) { return house.ledger().closings(House::place(roof)).back(); }

double booked_export(House& house) {
  return house.ledger().registers(House::place(roof), "ch0").energy_export.to_watt_hours().value();
}

}  // namespace

TEST_CASE("export comes from the module's register, also for a role that nobody reads at every window") {
  auto settings = house_on_both_sides();
  settings.role = metering::Role::load;
  House house{settings};
  const double truth_before = house.world().truth(0).windowed_export.value();
  house.start();
  house.run_for(minutes{10});
  const auto lines = house.ledger().closings(House::place(roof));
  REQUIRE(lines.size() > 55);
  double exported = 0.0;
  for (const auto& line : lines) {
    if (line.quality != Quality::measured) continue;
    CHECK(line.postings.front().export_source == ExportSource::module);
    CHECK_FALSE(line.postings.front().export_is_estimated);
    exported += line.postings.front().energy_export.to_watt_hours().value();
  }
  // What was before the first latch and after the last is in no line: less than two periods.
  const double truth = house.world().truth(0).windowed_export.value() - truth_before;
  CHECK(exported <= truth);
  CHECK(exported >= truth - 1000.0 * 20 / 3600);
}

TEST_CASE("what was exported while the daemon was away is booked from the register of the latch that closed it") {
  House house{house_on_both_sides()};
  house.start();
  house.run_for(minutes{2} + seconds{3});
  const double before = booked_export(house);
  const double truth_before = house.world().truth(0).windowed_export.value();
  house.kill();
  house.clock().advance(minutes{10});
  house.start();
  house.run_for(seconds{30});
  const double truth = house.world().truth(0).windowed_export.value() - truth_before;
  // Both ends cut the running period of 10 s somewhere.
  CHECK(booked_export(house) - before == Approx(truth).margin(1000.0 * 10 / 3600));
  for (const auto& line : house.ledger().closings(House::place(roof))) CHECK_FALSE(line.postings.front().export_is_estimated);
}

TEST_CASE("firmware that measures one direction has no export register: one warning, and live power is integrated") {
  auto settings = house_on_both_sides();
  settings.world.modules.front().is_standard_tier = false;
  House house{settings};
  house.start();
  house.run_for(minutes{2});
  CHECK(last_line(house).postings.front().export_source == ExportSource::live);
  CHECK(booked_export(house) > 10.0);
  CHECK(house.log().contains("has no export register"));
  CHECK(house.log().count(log::Level::warning) == 1);
}

TEST_CASE("an address that is not the export register's is noticed within an hour or two, by what live power adds up to") {
  auto settings = house_on_both_sides();
  settings.world.modules.front().export_register = 0x38;  // 0x34 is the configuration's: it reads 0, and channel 0 in place of 1
  House house{settings};
  house.start();
  house.run_for(minutes{130});
  const auto& events = house.output().events;
  CHECK(std::count_if(events.begin(), events.end(), [](const metering::Event& event) {
          return event.kind == metering::EventKind::rulers_disagree &&
                 event.text.find("check export_register") != std::string::npos;
        }) == 1);
}
