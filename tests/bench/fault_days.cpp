#include "bench/fault_days.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

#include "bench/house_broker.hpp"
#include "component/fleet/open_file.hpp"
#include "component/fleet/watched_ledger.hpp"
#include "simulator/random.hpp"
#include "storage/verify.hpp"
#include "support/house.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::bench {
namespace {

using simulator::Fault;
using simulator::FaultKind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using support::House;

constexpr Microseconds whole_day = hours{24} + minutes{1};
constexpr I2cAddress first{0x50};

/// A house and, when the day is about it, its broker.
struct Stage {
  House& house;
  HouseBroker* broker = nullptr;

  void start() const {
    if (broker != nullptr) broker->process_starts();
    house.start();
  }
  void kill() const {
    house.kill();
    if (broker != nullptr) broker->process_dies();
  }
};

/// What happens to the house from outside, beside the script.
struct Step {
  Microseconds at{};
  std::function<void(const Stage&)> what;
};

struct Outage {
  Microseconds begin{};
  Microseconds end{};
};

struct Scenario {
  std::string name;
  std::vector<Fault> faults;
  std::vector<Step> steps;
  int kills = 0;
  bool has_broker = false;
  std::optional<Outage> outage{};  ///< of the broker
};

/// After an outage the publisher comes back within its longest pause, and each register with the next round.
constexpr Microseconds until_all_is_shown = minutes{4};

struct Ran {
  FaultDay day;
  std::map<std::string, metering::Registers> registers;
};

support::HouseSettings three_modules(std::vector<Fault> faults) {
  support::HouseSettings settings;
  simulator::LoadSettings square;
  square.shape = simulator::LoadSettings::Shape::square;
  square.power_w = 2000.0;
  square.low_w = 100.0;
  square.period = milliseconds{7'300};  // in step with neither the windows nor the periods
  simulator::LoadSettings constant;
  constant.power_w = 1000.0;
  simulator::LoadSettings solar;
  solar.shape = simulator::LoadSettings::Shape::solar_day;
  solar.power_w = 3000.0;
  solar.offset_w = 500.0;
  std::uint8_t address = first.value();
  for (const auto& load : {square, constant, solar}) {
    simulator::ModuleSettings module;
    module.address = I2cAddress{address++};
    module.broadcast = true;
    module.uptime = hours{1};
    module.window = std::chrono::microseconds{199'203};  // 5.02 windows a second: they drift against the periods
    module.channels.push_back({{load}});
    settings.world.modules.push_back(module);
  }
  settings.world.faults = std::move(faults);
  return settings;
}

/// N of "between 0 and N Wh"; negative when the note does not say.
double bound_of(const std::string& note) {
  const std::string words = "between 0 and ";
  const auto at = note.find(words);
  return at == std::string::npos ? -1.0 : std::strtod(note.c_str() + at + words.size(), nullptr);
}

class Account {
 public:
  Account(const simulator::World& world, FaultDay& day) : world_(world), day_(day) {}

  void add(const support::WatchedLine& line) {
    const auto& closing = line.closing;
    const double length_s = static_cast<double>(closing.span.length.count()) / 1e6;
    auto& sum = sums_[line.place];
    ++day_.lines;
    for (std::size_t module = 0; module < world_.modules(); ++module) {
      if (House::place(I2cAddress{static_cast<std::uint8_t>(first.value() + module)}) != line.place) continue;
      const double truth_wh = world_.physical_between(module, 0, closing.span.begin.at, closing.span.end.at).import_j / 3600.0;
      if (closing.quality == metering::Quality::gap) {
        const double bound_wh = bound_of(closing.note);
        sum.gap_s += length_s;
        sum.gap_truth_wh += truth_wh;
        sum.gap_bound_wh += std::max(bound_wh, 0.0);
        // A change of chip says why, not how much.
        const bool says_how_much = closing.reason == metering::Reason::module_reset;
        if (says_how_much && truth_wh > bound_wh) day_.gap_bounds_hold = false;
        continue;
      }
      if (closing.quality == metering::Quality::estimated) sum.estimated_s += length_s;
      sum.truth_wh += truth_wh;
      for (const auto& posting : closing.postings) sum.booked_wh += posting.energy_import.to_watt_hours().value();
    }
  }

  void finish() {
    for (const auto& [place, sum] : sums_) {
      if (sum.truth_wh > 0.0)
        day_.error_percent = std::max(day_.error_percent, std::abs(sum.booked_wh - sum.truth_wh) / sum.truth_wh * 100.0);
      day_.gap_s = std::max(day_.gap_s, sum.gap_s);
      day_.estimated_s = std::max(day_.estimated_s, sum.estimated_s);
      day_.gap_truth_wh = std::max(day_.gap_truth_wh, sum.gap_truth_wh);
      day_.gap_bound_wh = std::max(day_.gap_bound_wh, sum.gap_bound_wh);
    }
  }

 private:
  struct Sum {
    double booked_wh = 0.0;
    double truth_wh = 0.0;
    double gap_s = 0.0;
    double gap_truth_wh = 0.0;
    double gap_bound_wh = 0.0;
    double estimated_s = 0.0;
  };
  const simulator::World& world_;
  FaultDay& day_;
  std::map<std::string, Sum> sums_;
};

void add_outage(std::vector<Step>& steps, const Outage& outage, BrokerDay& result, const support::WatchedLedger& ledger) {
  result.outage_s = std::chrono::duration<double>(outage.end - outage.begin).count();
  steps.push_back({outage.begin, [](const Stage& stage) { stage.broker->goes_away(); }});
  steps.push_back({outage.end, [](const Stage& stage) { stage.broker->comes_back(); }});
  steps.push_back({outage.end + until_all_is_shown, [&result, &ledger](const Stage& stage) {
                     result.shows_ledger_after_outage = stage.broker->shows(ledger.registers());
                   }});
}

Ran run(Scenario scenario) {
  const auto wall = std::chrono::steady_clock::now();
  FaultDay day;
  day.name = scenario.name;
  day.kills = scenario.kills;
  const support::TemporaryDirectory folder;
  storage::Settings storage;
  storage.path = folder.file("energy.db");
  storage.survives_power_cut = false;  // fsync belongs to the disk, not to us
  const ManualClock origin;
  auto opened =
      storage::Ledger::open(storage, TimeZone::utc(), {BootId{BootId::Bytes{7}}, origin.boot_now(), origin.utc_now(), true});
  if (!opened) throw std::runtime_error(opened.error().detail);
  support::OpenFile file{*opened->ledger};
  support::WatchedLedger ledger{file};
  House house{three_modules(std::move(scenario.faults)), &ledger};
  Account account{house.world(), day};
  const auto take_lines = [&] {
    for (const auto& line : ledger.take_lines()) account.add(line);
  };
  std::optional<HouseBroker> broker;
  if (scenario.has_broker) {
    broker.emplace(house);
    day.broker.emplace();
  }
  const Stage stage{house, broker ? &*broker : nullptr};
  if (scenario.outage) add_outage(scenario.steps, *scenario.outage, *day.broker, ledger);
  const BootTime begin = house.clock().boot_now();
  stage.start();
  std::stable_sort(scenario.steps.begin(), scenario.steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
  for (const auto& step : scenario.steps) {
    house.loop().run_until(begin + step.at);
    step.what(stage);
    take_lines();
  }
  house.loop().run_until(begin + whole_day);
  take_lines();
  account.finish();
  if (!ledger.violations.empty()) throw std::runtime_error(scenario.name + ": " + ledger.violations.front());
  const auto verdict = storage::verify_ledger(storage.path);
  day.verifies = verdict && !verdict->first_violation;
  if (broker) {
    day.broker->messages = broker->messages();
    day.broker->shows_ledger_at_end = broker->shows(ledger.registers());
    day.broker->never_fell = broker->has_never_fallen();
    stage.kill();  // the publisher is told nothing more by a house that is being taken down
  }
  day.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  return {std::move(day), ledger.registers()};
}

Fault all_day(FaultKind kind, double value) {
  Fault fault;
  fault.kind = kind;
  fault.at = minutes{2};
  fault.value = value;
  return fault;
}

/// Every hour, never at a boundary: for `lasting`, or at once when that is zero.
std::vector<Fault> hourly(FaultKind kind, Microseconds lasting, std::optional<I2cAddress> module = {},
                          std::optional<double> value = {}, int code = 0) {
  std::vector<Fault> faults;
  for (int hour = 0; hour < 24; ++hour) {
    Fault fault;
    fault.kind = kind;
    fault.at = hours{hour} + minutes{17} + milliseconds{23'000 + 1'370 * hour};
    fault.lasting = lasting;
    fault.module = module;
    fault.value = value;
    fault.code = code;
    faults.push_back(fault);
  }
  return faults;
}

std::vector<Step> random_kills(int count) {
  simulator::Random random{20};
  std::vector<Step> steps;
  for (int i = 0; i < count; ++i) {
    const Microseconds at = minutes{5} + milliseconds{static_cast<std::int64_t>(random.below(86'000'000))};
    const Microseconds down = milliseconds{300 + static_cast<std::int64_t>(random.below(30'000))};
    steps.push_back({at, [down](const Stage& stage) {
                       stage.kill();
                       stage.house.run_for(down);
                       stage.start();
                     }});
  }
  return steps;
}

Step clock_step(Microseconds at, Microseconds by) {
  return {at, [by](const Stage& stage) {
            stage.house.clock().step_utc(by);
            stage.house.fleet().reschedule();
          }};
}

bool are_equal(const std::map<std::string, metering::Registers>& a, const std::map<std::string, metering::Registers>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.energy_import == y.second.energy_import &&
           x.second.energy_export == y.second.energy_export;
  });
}

Scenario bad_day() {
  Scenario day{"24 h of everything", {all_day(FaultKind::nack_address, 0.025), all_day(FaultKind::nack_data, 0.025)}, {}, 20};
  day.has_broker = true;
  for (const auto at : {hours{3}, hours{11}, hours{19}})
    day.faults.push_back(simulator::emi_burst(at - seconds{10}, seconds{90}));
  Fault reset;
  reset.kind = FaultKind::power_cycle;
  reset.at = hours{14} + minutes{7} + seconds{31};
  reset.lasting = seconds{4};
  reset.module = first;
  day.faults.push_back(reset);
  day.steps = random_kills(day.kills);
  day.steps.push_back(clock_step(hours{8} + seconds{17}, hours{2} + seconds{13}));
  day.steps.push_back(clock_step(hours{16} + seconds{41}, -hours{3} - seconds{7}));
  return day;
}

}  // namespace

FaultDay run_bad_day() {
  auto without_outage = run(bad_day());
  auto scenario = bad_day();
  scenario.outage = {hours{5} + seconds{20}, hours{9} + minutes{30} + seconds{20}};
  auto ran = run(std::move(scenario));
  ran.day.broker->energy_is_the_same = are_equal(ran.registers, without_outage.registers);
  return std::move(ran.day);
}

std::vector<FaultDay> run_fault_days() {
  constexpr int dead_adapter = 5;  // EIO
  constexpr int runtime_fault = 0xFF;
  std::vector<Scenario> scenarios{
      {"no fault", {}, {}, 0},
      {"nack_address, 5 %", {all_day(FaultKind::nack_address, 0.05)}, {}, 0},
      {"nack_data, 5 %", {all_day(FaultKind::nack_data, 0.05)}, {}, 0},
      {"emi_burst, 1 min each hour", hourly(FaultKind::emi_burst, minutes{1}), {}, 0},
      {"bit_flip, 1 % of reads", {all_day(FaultKind::bit_flip, 0.01)}, {}, 0},
      {"lost_write, 1 %", {all_day(FaultKind::lost_write, 0.01)}, {}, 0},
      {"lost_ack, 5 %", {all_day(FaultKind::lost_ack, 0.05)}, {}, 0},
      {"bus_stuck, 2 min each hour", hourly(FaultKind::bus_stuck, minutes{2}), {}, 0},
      {"adapter_error, 2 min each hour", hourly(FaultKind::adapter_error, minutes{2}, {}, {}, dead_adapter), {}, 0},
      {"slow_bus, 10 ms each", {all_day(FaultKind::slow_bus, 10.0)}, {}, 0},
      {"power_cycle, 5 s each hour", hourly(FaultKind::power_cycle, seconds{5}, first), {}, 0},
      {"watchdog_reset, each hour", hourly(FaultKind::watchdog_reset, {}, first), {}, 0},
      {"unplug, 2 min each hour", hourly(FaultKind::unplug, minutes{2}, first), {}, 0},
      {"replace_chip, each hour", hourly(FaultKind::replace_chip, {}, first), {}, 0},
      {"error_state, each hour", hourly(FaultKind::error_state, {}, first, {}, runtime_fault), {}, 0},
      {"blank_flash, each hour", hourly(FaultKind::blank_flash, {}, first), {}, 0},
      {"foreign_latch, each hour", hourly(FaultKind::foreign_latch, {}, first), {}, 0},
      {"chip_clock, 0.75 each hour", hourly(FaultKind::chip_clock, {}, first, 0.75), {}, 0},
      {"miss_broadcast, 5 min each hour", hourly(FaultKind::miss_broadcast, minutes{5}, first), {}, 0},
      {"empty_latch, 5 min each hour", hourly(FaultKind::empty_latch, minutes{5}, first), {}, 0},
      {"slow_latch, 45 ms", {all_day(FaultKind::slow_latch, 45.0)}, {}, 0},
      {"overload, 5 min each hour", hourly(FaultKind::overload, minutes{5}, first), {}, 0},
      {"mains_outage, 10 min each hour", hourly(FaultKind::mains_outage, minutes{10}), {}, 0},
      {"kill -9, 200 times", {}, random_kills(200), 200},
      {"clock steps, 3 h forward, 5 h back",
       {},
       {clock_step(hours{7} + seconds{11}, hours{3}), clock_step(hours{15} + seconds{29}, -hours{5})},
       0},
  };
  std::vector<FaultDay> days;
  for (auto& scenario : scenarios) days.push_back(run(std::move(scenario)).day);
  return days;
}

}  // namespace rbamp::bench
