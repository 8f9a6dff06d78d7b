// The latch cycle, killed before and after every bus transaction and every step of the ledger: nothing is lost, nothing is booked twice,
// no hole is silent. Design I1 to I5, protocol 12.3.
#include <cmath>
#include <random>

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};
constexpr I2cAddress second{0x51};
constexpr double high_w = 2400.0;
constexpr double low_w = 300.0;
// The ends of the covered time are known to a window, and a latch that was sent but not recorded to the time between the
// intent and the write (a few ms): 0.2 s of the swing at each of the two ends.
constexpr double tolerance_wh = 2 * (high_w - low_w) * 0.2 / 3600.0;

HouseSettings two_modules(bool broadcast) {
  HouseSettings settings;
  settings.period = seconds{10};
  settings.latch = broadcast ? config::LatchMode::automatic : config::LatchMode::sequential;
  for (const auto address : {first, second}) {
    simulator::ModuleSettings module;
    module.address = address;
    module.broadcast = broadcast;
    module.uptime = hours{1};
    simulator::LoadSettings load;
    load.shape = simulator::LoadSettings::Shape::square;
    load.power_w = high_w;
    load.low_w = low_w;
    load.period = milliseconds{address == first ? 7300 : 23'700};
    module.channels.push_back({{load}});
    settings.world.modules.push_back(module);
  }
  return settings;
}

struct Outcome {
  double error_wh = 0.0;
  std::size_t lines = 0;
  bool has_gap = false;
  bool has_estimate = false;
};

Outcome outcome_of(House& house, std::size_t module) {
  Outcome outcome;
  const auto lines = house.ledger().closings(House::place(module == 0 ? first : second));
  if (lines.empty()) return outcome;
  outcome.lines = lines.size();
  Microseconds covered{};
  for (const auto& line : lines) {
    covered += line.span.length;
    outcome.has_gap = outcome.has_gap || line.quality == Quality::gap;
    outcome.has_estimate = outcome.has_estimate || line.quality == Quality::estimated;
  }
  const auto begin = lines.front().span.begin.at;
  const auto end = lines.back().span.end.at;
  if (covered != end - begin) house.ledger().violations.push_back("the lines do not cover the time");
  const auto truth = house.world().physical_between(module, 0, begin, end);
  outcome.error_wh =
      house.ledger().registers(House::place(module == 0 ? first : second), "ch0").energy_import.to_watt_hours().value() -
      truth.import_j / 3600.0;
  return outcome;
}

void check(House& house, const std::string& where) {
  INFO(where);
  for (std::size_t module = 0; module < 2; ++module) {
    const auto outcome = outcome_of(house, module);
    INFO("module " << module << ", error " << outcome.error_wh << " Wh");
    CHECK(std::abs(outcome.error_wh) < tolerance_wh);
    CHECK_FALSE(outcome.has_gap);
    CHECK_FALSE(outcome.has_estimate);
  }
  INFO((house.ledger().violations.empty() ? std::string{} : house.ledger().violations.front()));
  CHECK(house.ledger().violations.empty());
  CHECK_FALSE(house.output().fell);
}

/// Kills at one step, stays down, starts again, and lets it meter.
void die_and_recover(House& house, Microseconds down) {
  house.world().bus()->set_hooks({});
  house.ledger().hook = nullptr;
  house.run_for(down);
  house.start();
  house.run_for(seconds{35});
}

}  // namespace

TEST_CASE("killed before or after any bus transaction, sequential or broadcast") {
  const bool broadcast = GENERATE(false, true);
  const bool after = GENERATE(false, true);
  const auto down = GENERATE(milliseconds{300}, milliseconds{4'000}, milliseconds{47'000});
  int killed = 0;
  for (std::uint64_t step = 1; step < 1000; ++step) {
    House house{two_modules(broadcast)};
    const auto die = [&](const simulator::Transaction& transaction) {
      if (transaction.number == step) throw Killed{};
    };
    if (after) {
      house.world().bus()->set_hooks({{}, die});
    } else {
      house.world().bus()->set_hooks({[&](const simulator::Transaction& t) {
                                        die(t);
                                        return simulator::Intervention::none;
                                      },
                                      {}});
    }
    house.start();
    if (!house.run_until_killed(seconds{33})) break;
    ++killed;
    die_and_recover(house, down);
    check(house, "transaction " + std::to_string(step) + (after ? " after" : " before") +
                     (broadcast ? " broadcast" : " sequential") + ", down " + std::to_string(down.count()) + " ms");
  }
  CHECK(killed > 50);
}

TEST_CASE("killed before or after any step of the ledger, sequential or broadcast") {
  const bool broadcast = GENERATE(false, true);
  const auto down = GENERATE(milliseconds{300}, milliseconds{4'000}, milliseconds{47'000});
  int killed = 0;
  for (int step = 1; step < 1000; ++step) {
    House house{two_modules(broadcast)};
    int count = 0;
    house.ledger().hook = [&](LedgerStep) -> std::optional<Error> {
      if (++count == step) throw Killed{};
      return std::nullopt;
    };
    bool died = false;
    try {
      house.start();
      died = house.run_until_killed(seconds{33});
    } catch (const Killed&) {
      house.kill();
      died = true;
    }
    if (!died) break;
    ++killed;
    die_and_recover(house, down);
    check(house, "ledger step " + std::to_string(step) + (broadcast ? " broadcast" : " sequential") + ", down " +
                     std::to_string(down.count()) + " ms");
  }
  CHECK(killed > 15);
}

TEST_CASE("killed again and again at random instants, the sum over an hour is still the truth") {
  const bool broadcast = GENERATE(false, true);
  auto settings = two_modules(broadcast);
  // A constant load shows every lost or doubled stretch of time exactly; a wave shows that each power went to its own time.
  settings.world.modules[0].channels[0].loads[0].shape = simulator::LoadSettings::Shape::constant;
  House house{settings};
  std::mt19937 random{broadcast ? 11U : 12U};
  std::uniform_int_distribution<int> run_ms{1, 25'000};
  std::uniform_int_distribution<int> down_ms{1, 8'000};
  house.start();
  house.run_for(seconds{12});
  for (int i = 0; i < 200; ++i) {
    house.run_for(milliseconds{run_ms(random)});
    house.kill();
    house.run_for(milliseconds{down_ms(random)});
    house.start();
  }
  house.run_for(seconds{30});

  const auto constant = outcome_of(house, 0);
  CHECK(std::abs(constant.error_wh) < 1e-4);
  // Each line's ends are known to one window, so its error has the deviation of a difference of two uniform phases (0.2 s / sqrt 6)
  // times that of the wave (half its swing). The lines are independent: 4 deviations of the sum.
  const auto wave = outcome_of(house, 1);
  const double deviation_wh = (high_w - low_w) / 2 * 0.2 / std::sqrt(6.0) / 3600.0;
  CHECK(std::abs(wave.error_wh) < 4 * deviation_wh * std::sqrt(static_cast<double>(wave.lines)));
  for (const auto& outcome : {constant, wave}) {
    CHECK_FALSE(outcome.has_gap);
    CHECK_FALSE(outcome.has_estimate);
  }
  CHECK(house.ledger().violations.empty());
  CHECK_FALSE(house.output().fell);
}

TEST_CASE("a transaction that fails at any step of the cycle loses nothing") {
  const bool broadcast = GENERATE(false, true);
  const auto how =
      GENERATE(simulator::Intervention::nack_address, simulator::Intervention::nack_data, simulator::Intervention::time_out,
               simulator::Intervention::lose_ack, simulator::Intervention::lose_write, simulator::Intervention::flip_bit);
  for (std::uint64_t step = 20; step < 90; ++step) {
    House house{two_modules(broadcast)};
    house.world().bus()->set_hooks(
        {[&](const simulator::Transaction& t) { return t.number == step ? how : simulator::Intervention::none; }, {}});
    house.start();
    house.run_for(seconds{55});
    INFO("intervention " << static_cast<int>(how));
    check(house, "transaction " + std::to_string(step) + (broadcast ? " broadcast" : " sequential"));
  }
}

TEST_CASE("a bus that is dead for a while from any transaction on loses nothing") {
  const bool broadcast = GENERATE(false, true);
  for (std::uint64_t step = 20; step < 90; step += 1) {
    House house{two_modules(broadcast)};
    BootTime until = BootTime::min();
    house.world().bus()->set_hooks({[&](const simulator::Transaction& t) {
                                      if (t.number == step) until = t.begin + seconds{13};
                                      return t.begin < until ? simulator::Intervention::nack_address
                                                             : simulator::Intervention::none;
                                    },
                                    {}});
    house.start();
    house.run_for(seconds{95});
    check(house, "dead from transaction " + std::to_string(step) + (broadcast ? " broadcast" : " sequential"));
  }
}

TEST_CASE(
    "a restart that falls between the look at an older one and its late acknowledgement is not hidden behind a measured period") {
  const bool is_second = GENERATE(false, true);
  House house{two_modules(false)};
  house.start();
  house.run_for(seconds{45});
  const I2cAddress restarting = house.fleet().buses().front()->modules().front()->address();
  house.inject(simulator::FaultKind::watchdog_reset, restarting);
  // What the next round found is not stored for four seconds, so that the module's flag stays set for as long.
  std::optional<BootTime> refused_since;
  house.ledger().hook = [&](LedgerStep step) -> std::optional<Error> {
    if (step != LedgerStep::before_commit) return std::nullopt;
    if (!refused_since) refused_since = house.clock().boot_now();
    if (house.clock().boot_now() - *refused_since > seconds{4}) return std::nullopt;
    return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
  };
  while (!refused_since) house.run_for(milliseconds{10});
  house.run_for(milliseconds{GENERATE(300, 700, 1100, 1500, 2000, 3000)});
  if (is_second) house.inject(simulator::FaultKind::watchdog_reset, restarting);
  const auto hidden_at = house.clock().boot_now();
  house.run_for(seconds{60});
  for (const auto& line : house.ledger().closings(House::place(restarting))) {
    if (line.span.begin.at > hidden_at || line.span.end.at < hidden_at) continue;
    // Without another restart the module's own uptime proves that there was none.
    CHECK((line.quality == metering::Quality::measured) == !is_second);
    CHECK((line.reason == metering::Reason::module_reset) == is_second);
  }
  CHECK(house.ledger().closings(House::place(restarting)).back().quality == metering::Quality::measured);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a restart that falls between an acknowledgement that fails and the next one is not hidden behind a measured period") {
  const bool broadcast = GENERATE(false, true);
  House house{two_modules(broadcast)};
  house.start();
  house.run_for(seconds{40});
  const I2cAddress restarting = house.fleet().buses().front()->modules().front()->address();
  // The clock of the latches is that of the wall.
  while (house.clock().utc_now().time_since_epoch() % seconds{10} < milliseconds{9400}) house.run_for(milliseconds{10});
  house.inject(simulator::FaultKind::watchdog_reset, restarting);
  bool is_refusing = true;
  house.world().bus()->set_hooks({[&](const simulator::Transaction& t) {
                                    const bool clears = t.address == restarting && t.direction == simulator::Direction::write &&
                                                        t.reg == protocol::reg::event_flags && (t.bytes[1] & 0x20U) != 0;
                                    return clears && is_refusing ? simulator::Intervention::nack_data
                                                                 : simulator::Intervention::none;
                                  },
                                  {}});
  house.run_for(milliseconds{1500});
  house.inject(simulator::FaultKind::watchdog_reset, restarting);
  const auto hidden_at = house.clock().boot_now();
  house.run_for(milliseconds{100});  // no window yet: the latch is empty, as that of a module that went on might be
  is_refusing = false;
  house.fleet().latch_now();
  house.run_for(seconds{60});
  for (const auto& line : house.ledger().closings(House::place(restarting))) {
    if (line.span.begin.at > hidden_at || line.span.end.at < hidden_at) continue;
    CHECK(line.quality != metering::Quality::measured);
    CHECK(line.reason == metering::Reason::module_reset);
  }
  CHECK(house.ledger().closings(House::place(restarting)).back().quality == metering::Quality::measured);
  CHECK(house.ledger().violations.empty());
}

TEST_CASE("a ledger that turns out to be damaged ends the process before the next latch, and the next start loses nothing") {
  const auto broken_step = GENERATE(LedgerStep::before_arm, LedgerStep::before_commit);
  const bool broadcast = GENERATE(false, true);
  House house{two_modules(broadcast)};
  house.start();
  house.run_for(seconds{45});
  const auto published = house.output().postings;
  house.ledger().hook = [broken_step](LedgerStep step) -> std::optional<Error> {
    if (step != broken_step) return std::nullopt;
    return Error{Errc::ledger_damaged, Remedy::reinitialise, "page 7 is malformed"};
  };
  CHECK(house.run_until_killed(seconds{30}));
  CHECK(house.output().postings == published);
  CHECK(house.log().contains("must be opened anew"));
  die_and_recover(house, seconds{5});
  check(house, "damaged");
}
