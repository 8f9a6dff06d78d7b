// Another program latches a module while the daemon is down. Protocol 12.3, case C.
#include <cmath>

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::seconds;

namespace {

constexpr I2cAddress address{0x50};
constexpr double high_w = 2000.0;
constexpr double low_w = 100.0;

HouseSettings one_module() {
  HouseSettings settings;
  simulator::ModuleSettings module;
  module.address = address;
  module.uptime = std::chrono::hours{1};
  simulator::LoadSettings load;
  load.shape = simulator::LoadSettings::Shape::square;
  load.power_w = high_w;
  load.low_w = low_w;
  load.period = seconds{140};  // half of it before the foreign latch, half after
  module.channels.push_back({{load}});
  settings.world.modules.push_back(module);
  return settings;
}

void latch_by_a_stranger(House& house) {
  simulator::Fault latch;
  latch.kind = simulator::FaultKind::foreign_latch;
  house.world().inject_now(latch);
}

std::vector<metering::Closing> foreign_lines(House& house) {
  auto lines = house.ledger().closings(House::place(address));
  std::erase_if(lines, [](const auto& line) { return line.reason != Reason::foreign_latch; });
  for (const auto& line : lines) CHECK(line.quality == Quality::estimated);
  CHECK(house.ledger().violations.empty());
  return lines;
}

double error_wh(House& house, const metering::Closing& line) {
  const auto truth = house.world().physical_between(0, 0, line.span.begin.at, line.span.end.at).import_j / 3600.0;
  return line.postings.front().energy_import.to_watt_hours().value() - truth;
}

}  // namespace

TEST_CASE("one foreign latch divides the down time by LATCH_MS, and each part has its own energy") {
  House house{one_module()};
  house.start();
  house.run_for(seconds{130});
  house.kill();
  house.run_for(seconds{40});
  const auto latched_at = house.clock().boot_now();
  latch_by_a_stranger(house);
  house.run_for(seconds{50});
  house.start();
  house.run_for(seconds{90});
  const auto lines = foreign_lines(house);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].span.end.at == lines[1].span.begin.at);
  // Both clocks are exact but for whole milliseconds; each end of a part is known to a window.
  const auto off = lines[0].span.end.at - latched_at;
  CHECK(std::abs(off.count()) < 20'000);
  for (const auto& line : lines) CHECK(std::abs(error_wh(house, line)) < 2 * (high_w - low_w) * 0.22 / 3600.0);
}

TEST_CASE("of several foreign latches only the last part is known, and it stands for the whole as one estimate") {
  House house{one_module()};
  house.start();
  house.run_for(seconds{130});
  house.kill();
  for (int i = 0; i < 3; ++i) {
    house.run_for(seconds{25});
    latch_by_a_stranger(house);
  }
  house.run_for(seconds{15});
  house.start();
  house.run_for(seconds{90});
  const auto lines = foreign_lines(house);
  REQUIRE(lines.size() == 1);
  const double hours = static_cast<double>(lines[0].span.length.count()) / 3.6e9;
  const double booked = lines[0].postings.front().energy_import.to_watt_hours().value();
  CHECK(booked >= low_w * hours);
  CHECK(booked <= high_w * hours);
}

TEST_CASE(
    "of a day of foreign latches only what the last two snapshots cover is an estimate, the rest is a gap that says how large it "
    "is") {
  House house{one_module()};
  house.start();
  house.run_for(seconds{130});
  house.kill();
  for (int i = 0; i < 24 * 60; ++i) {
    house.run_for(seconds{60});
    latch_by_a_stranger(house);
  }
  house.run_for(seconds{15});
  house.start();
  house.run_for(seconds{90});
  auto lines = house.ledger().closings(House::place(address));
  std::erase_if(lines, [](const auto& line) { return line.reason != Reason::foreign_latch; });
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].quality == Quality::gap);
  CHECK(lines[0].span.length > std::chrono::hours{23});
  CHECK(lines[0].note.find("Wh on each channel") != std::string::npos);
  CHECK(lines[1].quality == Quality::estimated);
  CHECK(lines[1].span.length > seconds{60} * 0.7);
  CHECK(lines[1].span.length < seconds{60} * 1.05);
  CHECK(lines[2].quality == Quality::estimated);
  CHECK(lines[0].span.end.at == lines[1].span.begin.at);
  CHECK(lines[1].span.end.at == lines[2].span.begin.at);
  for (const auto& line : {lines[1], lines[2]}) {
    const double hours = static_cast<double>(line.span.length.count()) / 3.6e9;
    const double booked = line.postings.front().energy_import.to_watt_hours().value();
    CHECK(booked >= low_w * hours - 1e-6);
    CHECK(booked <= high_w * hours + 1e-6);
  }
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a stranger that latches right before us leaves our own latch empty, and takes no energy away") {
  for (const auto ahead : {std::chrono::milliseconds{20}, std::chrono::milliseconds{60}}) {
    auto settings = one_module();
    settings.world.modules.front().window_phase = std::chrono::milliseconds{100};  // no window ends between the two latches
    House house{settings};
    house.start();
    house.run_for(seconds{185});
    const auto due = house.ledger().closings(House::place(address)).back().span.end.at + seconds{60};
    house.run_for(due - ahead - house.clock().boot_now());
    latch_by_a_stranger(house);
    house.run_for(seconds{180});
    for (const auto& line : house.ledger().closings(House::place(address))) {
      INFO(ahead.count() << " ms ahead, a line of " << line.span.length.count() << " us, until "
                         << (line.span.end.at - due).count() << " us after it, quality " << to_string(line.quality) << " "
                         << to_string(line.reason) << ", " << error_wh(house, line) << " Wh too much");
      CHECK(std::abs(error_wh(house, line)) < high_w * 0.4 / 3600.0);  // a window at each end
    }
    CHECK(house.ledger().violations.empty());
  }
}
