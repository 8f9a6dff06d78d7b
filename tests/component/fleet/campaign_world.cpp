#include "campaign_world.hpp"

#include <array>

#include "simulator/random.hpp"

namespace rbamp::support {
namespace {

using simulator::Fault;
using simulator::FaultKind;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Microseconds script_length = hours{3};  // longer than any campaign

Fault lasting(FaultKind kind, double value) {
  Fault fault;
  fault.kind = kind;
  fault.at = campaign_calm;
  fault.value = value;
  return fault;
}

std::vector<Fault> repeated(FaultKind kind, Microseconds every, Microseconds how_long, std::optional<double> value = {}) {
  std::vector<Fault> faults;
  for (Microseconds at = campaign_calm; at < script_length; at += every) {
    Fault fault;
    fault.kind = kind;
    fault.at = at;
    fault.lasting = how_long;
    fault.value = value;
    faults.push_back(fault);
  }
  return faults;
}

struct Script {
  const char* words;
  std::vector<Fault> faults;
};

/// What goes wrong all the time, beside the deaths.
Script script_of(std::uint64_t number) {
  switch (number) {
    case 0: return {"no script", {}};
    case 1: return {"5 % NACKs", {lasting(FaultKind::nack_address, 0.025), lasting(FaultKind::nack_data, 0.025)}};
    case 2: return {"EMI bursts", repeated(FaultKind::emi_burst, seconds{61}, seconds{4})};
    case 3: return {"lost acknowledges", {lasting(FaultKind::lost_ack, 0.1)}};
    case 4: return {"an adapter that fails", repeated(FaultKind::adapter_error, seconds{101}, seconds{6})};
    case 5: return {"flipped bits", {lasting(FaultKind::bit_flip, 0.02)}};
    case 6: return {"missed broadcasts", repeated(FaultKind::miss_broadcast, seconds{97}, seconds{31})};
    case 7: return {"empty latches", repeated(FaultKind::empty_latch, seconds{97}, seconds{13})};
    case 8: return {"slow latches", {lasting(FaultKind::slow_latch, 170.0)}};
    case 9: return {"a slow bus", {lasting(FaultKind::slow_bus, 8.0)}};
    case 10: return {"mains outages", repeated(FaultKind::mains_outage, seconds{113}, seconds{17})};
    default: return {"a bus that sticks", repeated(FaultKind::bus_stuck, seconds{89}, seconds{7})};
  }
}
constexpr std::uint64_t scripts = 12;

simulator::LoadSettings load_of(simulator::Random& random, bool is_square) {
  simulator::LoadSettings load;
  load.power_w = 500.0 + static_cast<double>(random.below(4000));
  if (!is_square) return load;
  load.shape = simulator::LoadSettings::Shape::square;
  load.low_w = static_cast<double>(random.below(300));
  load.period = milliseconds{3'000 + static_cast<std::int64_t>(random.below(40'000))};
  return load;
}

}  // namespace

CampaignWorld campaign_world(std::uint64_t seed) {
  simulator::Random random{seed};
  CampaignWorld world;
  constexpr std::array periods{seconds{5}, seconds{10}, seconds{30}};
  constexpr std::array variants{simulator::Variant::ui1, simulator::Variant::ui2, simulator::Variant::ui3};
  constexpr std::array modes{config::LatchMode::automatic, config::LatchMode::sequential, config::LatchMode::broadcast};
  const auto script = script_of(seed % scripts);
  const bool has_outages = seed % scripts == 10;
  const auto period = periods[random.below(periods.size())];
  const auto mode = modes[random.below(modes.size())];
  const std::size_t modules = 1 + random.below(3);
  const bool all_listen = random.happens(0.6);
  world.house.world.seed = seed;
  world.house.period = period;
  world.house.latch = mode;
  // Live readings are not read twice: a flipped bit in one is a wrong window of export.
  world.house.role = seed % scripts != 5 && random.happens(0.1) ? metering::Role::grid : metering::Role::load;
  world.house.world.faults = script.faults;

  std::size_t listeners = 0;
  for (std::size_t i = 0; i < modules; ++i) {
    simulator::ModuleSettings module;
    module.address = I2cAddress{static_cast<std::uint8_t>(0x50 + i)};
    module.variant = variants[random.below(variants.size())];
    module.broadcast = all_listen || random.happens(0.5);
    module.uptime = hours{1};
    module.latch_latency = milliseconds{random.happens(0.5) ? 5 : 45};
    module.commit_count = random.happens(0.5) ? simulator::CounterMode::live : simulator::CounterMode::latched;
    module.quirks.empty_latch_clears_snapshot = random.happens(0.3);
    module.quirks.uptime_runs_on_chip_clock = random.happens(0.3);
    listeners += module.broadcast ? 1 : 0;
    JudgedModule judged{House::place(module.address), i, {}, module.quirks.uptime_runs_on_chip_clock, {}};
    for (std::size_t channel = 0; channel < simulator::channel_count(module.variant); ++channel) {
      // Constant loads show every lost or doubled stretch of time exactly, square waves that each power went to its own time.
      const auto load = load_of(random, channel == 0 && i != 1);
      const bool is_square = load.shape == simulator::LoadSettings::Shape::square;
      module.channels.push_back({{load}});
      judged.channels.push_back({has_outages ? 0.0 : (is_square ? load.low_w : load.power_w), load.power_w});
    }
    world.house.world.modules.push_back(std::move(module));
    world.modules.push_back(std::move(judged));
  }
  const auto clock = random.below(3);
  world.host_reboots = clock == 1;
  world.clock_steps = clock == 2;
  world.words = std::to_string(modules) + " modules, " + std::to_string(listeners) + " listen to broadcasts, latch mode " +
                std::to_string(static_cast<int>(mode)) + ", period " + std::to_string(period.count()) + " s, " + script.words +
                (world.host_reboots ? ", host reboots" : "") + (world.clock_steps ? ", clock steps" : "");
  return world;
}

}  // namespace rbamp::support
