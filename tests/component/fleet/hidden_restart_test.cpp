// Two restarts of a module, one right after the other: the second must not hide behind the first. Protocol 12.1, 12.3.
#include "support/catch.hpp"
#include "support/one_kilowatt.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};
constexpr std::uint8_t event_flags = 0x2A;
constexpr std::uint8_t gc_tick = 0x59;
constexpr std::uint8_t reset_bit = 0x20;

bool clears_reset(const simulator::Transaction& transaction) {
  return transaction.direction == simulator::Direction::write && transaction.bytes.size() == 2 &&
         transaction.bytes[0] == event_flags && (transaction.bytes[1] & reset_bit) != 0;
}

/// Runs until a latch was sent, and dies when the module is read behind it.
void die_behind_latch(House& house) {
  bool is_latched = false;
  house.world().bus()->set_hooks({{}, [&is_latched](const simulator::Transaction& transaction) {
                                    is_latched =
                                        is_latched || transaction.writes(0x01, 0x27) || transaction.address == general_call;
                                    if (is_latched && transaction.direction == simulator::Direction::read) throw Killed{};
                                  }});
  REQUIRE(house.run_until_killed(minutes{1}));
  house.world().bus()->set_hooks({});
}

}  // namespace

TEST_CASE("while a restart could not be acknowledged, a period in which another would not show is an estimate") {
  House house{one_kilowatt(first)};
  bool is_deaf = false;
  house.world().bus()->set_hooks({[&is_deaf](const simulator::Transaction& transaction) {
                                    return is_deaf && clears_reset(transaction) ? simulator::Intervention::nack_address
                                                                                : simulator::Intervention::none;
                                  },
                                  {}});
  house.start();
  house.run_for(minutes{2} + seconds{56});  // a module that is young when it is seen counts too little to prove anything
  is_deaf = true;
  house.inject(simulator::FaultKind::watchdog_reset, first);
  house.run_for(seconds{5});  // found and booked; its flag stays
  const auto before = house.ledger().closings(House::place(first)).size();
  house.inject(simulator::FaultKind::power_cycle, first, milliseconds{1400});  // hidden
  is_deaf = false;
  house.run_for(minutes{1});
  const auto lines = house.ledger().closings(House::place(first));
  REQUIRE(lines.size() > before);
  CHECK(lines[before].quality == Quality::estimated);
  CHECK(lines[before].reason == Reason::module_reset);
  house.run_for(minutes{2});
  CHECK(house.ledger().closings(House::place(first)).back().quality == Quality::measured);
}

TEST_CASE("a restart that was acknowledged hides none after it, although the process died before it could say so") {
  House house{one_kilowatt(first)};
  house.start();
  house.run_for(minutes{2} + seconds{30});
  house.inject(simulator::FaultKind::watchdog_reset, first);
  house.run_for(minutes{1} + seconds{40});  // found, booked and acknowledged
  house.inject(simulator::FaultKind::power_cycle, first, milliseconds{1000});
  die_behind_latch(house);
  house.run_for(seconds{8});
  house.start();
  house.run_for(minutes{2});
  bool has_gap = false;
  for (const auto& line : house.ledger().closings(House::place(first))) {
    if (line.span.begin.at < BootTime{minutes{4}}) continue;
    has_gap = has_gap || line.quality == Quality::gap;
  }
  CHECK(has_gap);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a restart in the middle of the first look does not spoil what was read before it") {
  auto settings = one_kilowatt(first);
  settings.latch = config::LatchMode::broadcast;
  settings.world.modules.front().broadcast = true;
  House house{settings};
  house.start();
  house.run_for(minutes{2} + seconds{30});
  die_behind_latch(house);
  const auto before = house.ledger().closings(House::place(first)).size();
  bool is_struck = false;
  house.world().bus()->set_hooks({[&](const simulator::Transaction& transaction) {
                                    const bool is_tick = transaction.reg == gc_tick && transaction.size == 2;
                                    if (is_tick && transaction.direction == simulator::Direction::read && !is_struck) {
                                      is_struck = true;
                                      house.inject(simulator::FaultKind::watchdog_reset, first);
                                    }
                                    return simulator::Intervention::none;
                                  },
                                  {}});
  house.run_for(seconds{8});
  house.start();
  house.run_for(minutes{2});
  REQUIRE(is_struck);
  const auto lines = house.ledger().closings(House::place(first));
  REQUIRE(lines.size() > before + 1);
  // The period that was closed before the process died was whole, and is booked as such.
  CHECK(lines[before].quality == Quality::recovered);
  CHECK(std::chrono::abs(lines[before].span.length - seconds{60}) < milliseconds{1});
  CHECK(lines[before].postings[0].energy_import.to_watt_hours().value() == Approx(1000.0 / 60).epsilon(1e-4));
  CHECK(lines[before + 1].quality == Quality::gap);
  CHECK(lines[before + 1].reason == Reason::module_reset);
  CHECK(house.ledger().violations.empty());
}
