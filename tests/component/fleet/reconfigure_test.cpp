// A changed configuration while periods run: nothing is lost, nothing is split.
#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};
constexpr I2cAddress second{0x51};

HouseSettings two_kilowatts() {
  HouseSettings settings;
  for (const auto address : {first, second}) {
    simulator::ModuleSettings module;
    module.address = address;
    module.uptime = hours{1};
    simulator::LoadSettings load;
    load.power_w = 1000.0;
    module.channels.push_back({{load}});
    settings.world.modules.push_back(module);
  }
  return settings;
}

fleet::Assignment assignment(I2cAddress address, const std::string& id, const std::string& name) {
  return {address, id, name, metering::Role::load, {}, {}};
}

fleet::Fleet::Change change_to(std::vector<fleet::Assignment> assignments, Microseconds period = seconds{60}) {
  fleet::Fleet::Change change;
  change.period = period;
  change.buses["main"].assignments = std::move(assignments);
  return change;
}

fleet::Fleet::Change as_it_is() {
  return change_to(
      {assignment(first, House::place(first), "Module 0x50"), assignment(second, House::place(second), "Module 0x51")});
}

/// Every line of the place is a whole measured minute of one kilowatt, but for the first and the last.
void check_whole_minutes(House& house, const std::string& place) {
  const auto lines = house.ledger().closings(place);
  INFO(place << " has " << lines.size() << " lines");
  REQUIRE(lines.size() >= 3);
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    CHECK(lines[i].quality == Quality::measured);
    CHECK(lines[i].span.length > seconds{59});
    CHECK(lines[i].span.length < seconds{61});
    CHECK(lines[i].postings[0].energy_import.to_watt_hours().value() == Approx(1000.0 / 60.0).epsilon(0.02));
  }
}

}  // namespace

TEST_CASE("names, role and invert hold at once and end no period") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  auto change = as_it_is();
  auto& renamed = change.buses["main"].assignments[0];
  renamed.name = "Heat pump";
  CHECK_FALSE(house.fleet().reconfigure(std::move(change)));
  CHECK(house.output().descriptions.at(House::place(first)).name == "Heat pump");
  CHECK(house.output().descriptions.at(House::place(first)).channels[0].name == "Heat pump");
  house.run_for(minutes{4});
  check_whole_minutes(house, House::place(first));
  check_whole_minutes(house, House::place(second));
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a clamp that is turned by the configuration counts the running period in the other register") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  const auto before = house.ledger().registers(House::place(first), "ch0");
  auto change = as_it_is();
  change.buses["main"].assignments[0].channels = {{ChannelIndex{0}, "ch0", "House", true}};
  CHECK_FALSE(house.fleet().reconfigure(std::move(change)));
  house.run_for(seconds{60});
  const auto after = house.ledger().registers(House::place(first), "ch0");
  CHECK(after.energy_import == before.energy_import);
  CHECK((after.energy_export - before.energy_export).to_watt_hours().value() == Approx(1000.0 / 60.0).epsilon(0.02));
}

TEST_CASE("a module that leaves the configuration is metered to the end of the running period, the others go on undisturbed") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  const auto lines_before = house.ledger().closings(House::place(second)).size();
  CHECK(house.fleet().reconfigure(change_to({assignment(first, House::place(first), "Module 0x50")})));
  CHECK(house.fleet().modules_online() == 2);
  house.run_for(minutes{1});
  CHECK(house.fleet().modules_online() == 1);
  CHECK_FALSE(house.output().is_reachable.at(House::place(second)));
  house.run_for(minutes{3});
  CHECK(house.ledger().closings(House::place(second)).size() == lines_before + 1);
  check_whole_minutes(house, House::place(first));
  CHECK(house.fleet().problem().empty());
}

TEST_CASE("a module that comes into the configuration is metered from the end of the running period on") {
  auto settings = two_kilowatts();
  House house{settings};
  house.start();
  house.run_for(seconds{10});
  (void)house.fleet().reconfigure(change_to({assignment(first, House::place(first), "Module 0x50")}));
  house.run_for(minutes{3});
  const auto lines = house.ledger().closings(House::place(second)).size();
  CHECK(house.fleet().reconfigure(as_it_is()));
  house.run_for(minutes{5});
  CHECK(house.fleet().modules_online() == 2);
  CHECK(house.ledger().closings(House::place(second)).size() >= lines + 3);
  check_whole_minutes(house, House::place(first));
  CHECK(house.ledger().violations.empty());
  // It kept its average while nobody asked: the time without it is covered, too.
  const auto all = house.ledger().closings(House::place(second));
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i].span.begin.at == all[i - 1].span.end.at);
}

TEST_CASE("another id for the same chip is another place that begins with the next period") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  const auto old_lines = house.ledger().closings(House::place(second)).size();
  CHECK(house.fleet().reconfigure(
      change_to({assignment(first, House::place(first), "Module 0x50"), assignment(second, "heat_pump", "Heat pump")})));
  house.run_for(minutes{4});
  CHECK(house.ledger().closings(House::place(second)).size() == old_lines + 1);
  CHECK(house.ledger().closings("heat_pump").size() >= 2);
  check_whole_minutes(house, House::place(first));
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a change that is taken back before the period ends changes nothing") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  CHECK(house.fleet().reconfigure(change_to({})));
  CHECK_FALSE(house.fleet().reconfigure(as_it_is()));
  house.run_for(minutes{4});
  check_whole_minutes(house, House::place(first));
  check_whole_minutes(house, House::place(second));
}

TEST_CASE("another period begins with its next boundary") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  const auto before = house.ledger().closings(House::place(first)).size();
  auto change = as_it_is();
  change.period = seconds{10};
  CHECK_FALSE(house.fleet().reconfigure(std::move(change)));
  house.run_for(minutes{1});
  CHECK(house.ledger().closings(House::place(first)).size() == before + 6);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("from named modules to every module of the bus, and back") {
  House house{two_kilowatts()};
  house.start();
  house.run_for(minutes{2} + seconds{30});
  fleet::Fleet::Change automatic;
  automatic.period = seconds{60};
  automatic.buses["main"].is_automatic = true;
  CHECK(house.fleet().reconfigure(automatic));
  house.run_for(minutes{3});
  CHECK(house.fleet().modules_online() == 2);
  int by_uid = 0;
  for (const auto& place : house.ledger().places()) by_uid += place.starts_with("m") ? 1 : 0;
  CHECK(by_uid == 2);
  CHECK(house.fleet().reconfigure(as_it_is()));
  house.run_for(minutes{5});
  CHECK(house.fleet().modules_online() == 2);
  CHECK(house.fleet().problem().empty());
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("scanning for new modules does not touch those that are metered") {
  auto settings = two_kilowatts();
  settings.is_automatic = true;
  House house{settings};
  house.start();
  house.run_for(hours{1});
  int answers = 0;
  for (const auto& record : house.log().entries()) answers += record.message.find("answers at") != std::string::npos ? 1 : 0;
  CHECK(answers == 2);
  for (const auto& place : house.ledger().places()) check_whole_minutes(house, place);
}

TEST_CASE("a role that is changed to load and back ten days later books no export for the time between") {
  HouseSettings settings = two_kilowatts();
  settings.role = metering::Role::solar;
  settings.world.modules.resize(1);
  settings.world.modules.front().channels.front().loads.front().power_w = -3000.0;
  House house{settings};
  house.start();
  house.run_for(minutes{3} + seconds{30});
  const auto with_role = [](metering::Role role) {
    auto change = change_to({assignment(first, House::place(first), "Module 0x50")});
    change.buses["main"].assignments.front().role = role;
    return change;
  };
  CHECK_FALSE(house.fleet().reconfigure(with_role(metering::Role::load)));
  house.run_for(hours{24});
  CHECK_FALSE(house.fleet().reconfigure(with_role(metering::Role::solar)));
  house.run_for(minutes{5});
  house.stop();
  // Three and a half minutes before, the part of a minute until the reload, and some five minutes after: 3 kW all the time.
  const auto exported = house.ledger().registers(House::place(first), "ch0").energy_export.to_watt_hours().value();
  CHECK(exported < 3000.0 * 9.0 / 60.0);
  CHECK(exported > 3000.0 * 6.0 / 60.0);
}

TEST_CASE(
    "a place that moves to another bus is metered there when the period here has ended, so that it has one owner at a time") {
  constexpr I2cAddress other{0x52};
  auto settings = two_kilowatts();
  settings.world.modules[1].bus = "usb";
  settings.world.modules[1].address = other;
  settings.world.buses = {{.name = "main"}, {.name = "usb"}};
  House house{settings};
  house.start();
  auto change = change_to({assignment(first, House::place(first), "Module 0x50")});
  change.buses["usb"].assignments = {};
  (void)house.fleet().reconfigure(std::move(change));
  house.run_for(minutes{3} + seconds{30});
  REQUIRE(house.fleet().modules_online() == 1);
  const auto before = house.ledger().registers(House::place(first), "ch0").energy_import;

  // The place of 0x50 on "main" is to be that of 0x52 on "usb", where nothing is metered: nothing there waits for a period's end.
  change = change_to({});
  change.buses["usb"].assignments = {assignment(other, House::place(first), "Moved")};
  CHECK(house.fleet().reconfigure(std::move(change)));
  house.run_for(minutes{10});
  CHECK(house.ledger().violations.empty());
  CHECK(house.fleet().problem().empty());
  CHECK(house.fleet().modules_online() == 1);
  CHECK(house.output().is_reachable.at(House::place(first)));
  const auto lines = house.ledger().closings(House::place(first));
  for (std::size_t i = 1; i < lines.size(); ++i) CHECK(lines[i].span.begin.at == lines[i - 1].span.end.at);
  // Both chips see a kilowatt: only the time until the first latch of the second is not known.
  const auto booked = house.ledger().registers(House::place(first), "ch0").energy_import - before;
  CHECK(booked.to_watt_hours().value() > 1000.0 * 9.0 / 60.0);
}
