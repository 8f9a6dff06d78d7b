#include "simulator/world.hpp"

#include <algorithm>
#include <utility>

#include "simulator/random.hpp"

namespace rbamp::simulator {
namespace {

tl::unexpected<Error> invalid(std::string words) { return failure(Errc::config_invalid, Remedy::give_up, std::move(words)); }

/// Draws what the settings leave open, the same for the same seed, bus and address.
ModuleSettings drawn(ModuleSettings module, std::uint64_t seed, std::size_t index) {
  Random random{hash_of(module.bus, Random{seed}.next()) ^ (module.address.value() * 0x9E3779B97F4A7C15ULL) ^ index};
  ModuleUid::Bytes uid{};
  for (auto& byte : uid) byte = static_cast<std::uint8_t>(random.next() >> 56U);
  const auto window_us = static_cast<std::uint64_t>(std::chrono::floor<Microseconds>(module.window).count());
  const Microseconds phase{static_cast<Microseconds::rep>(random.below(window_us))};
  const double chip_clock = 0.73 + 0.01 * random.unit();
  if (!module.uid) module.uid = ModuleUid{uid};
  if (!module.window_phase) module.window_phase = phase;
  if (!module.chip_clock) module.chip_clock = chip_clock;
  return module;
}

std::string named(const ModuleSettings& module) {
  return "simulated module " + to_string(module.address) + " on bus " + module.bus;
}

}  // namespace

Result<std::unique_ptr<World>> World::create(WorldSettings settings, Clock& clock, WorldAccess access) {
  auto world = std::unique_ptr<World>{new World{std::move(settings), clock}};
  if (auto built = world->build(access); !built) return failure(built.error());
  return world;
}

World::World(WorldSettings settings, Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      began_(clock.boot_now()),
      began_utc_(clock.utc_now()),
      mains_(settings_.mains) {}

World::~World() = default;

Result<void> World::build(WorldAccess access) {
  if (!(settings_.mains.frequency_hz > 0.0)) return invalid("the mains frequency must be positive");
  if (auto opened = open_state(access); !opened) return failure(opened.error());
  for (const auto& bus : settings_.buses) add_bus(bus);
  for (std::size_t i = 0; i < settings_.modules.size(); ++i) {
    if (auto added = add_module(settings_.modules[i], i); !added) return failure(added.error());
  }
  foreign_traffic_.resize(settings_.foreign.size());
  for (std::size_t i = 0; i < settings_.foreign.size(); ++i) {
    const auto& settings = settings_.foreign[i];
    foreign_.push_back(std::make_unique<ForeignChip>(settings));
    add_bus({.name = settings.bus}).seats_.push_back({foreign_.back().get(), &foreign_traffic_[i], std::nullopt});
  }
  for (const auto& fault : settings_.faults) schedule(fault, SimTime{0});
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    if (const auto state = state_file_ != nullptr ? state_file_->load(i) : std::nullopt) {
      modules_[i]->restore(*state);
      is_resumed_ = true;
    }
    if (access == WorldAccess::view) continue;
    follow_plug(i);
    settle(i);
  }
  return {};
}

/// Plugs are pulled and put in between two lives of a world: `plugged` is no part of its fingerprint.
void World::follow_plug(std::size_t module) {
  auto& found = *modules_[module];
  if (!found.settings().plugged) {
    found.advance(sim_now());
    found.unplug();
  } else if (!found.state().is_powered && found.state().faults_applied == 0) {  // no script took its supply
    found.advance(sim_now());
    found.plug_in();
  }
}

void World::plug(std::size_t module) {
  const std::lock_guard lock{mutex_};
  up_to_date(module).plug_in();
  settle(module);
  refresh_lines();
}

/// The bus of that name, made when there is none.
SimulatedBus& World::add_bus(const BusSettings& settings) {
  if (auto* const known = bus(settings.name)) return *known;
  buses_.push_back(std::make_unique<SimulatedBus>(settings, *this, settings_.seed));
  return *buses_.back();
}

Result<void> World::add_module(const ModuleSettings& settings, std::size_t index) {
  if (!settings.address.is_module_address()) return invalid(named(settings) + ": the address must be within 0x08 and 0x77");
  if (settings.window <= SimTime{0}) return invalid(named(settings) + ": the window must be positive");
  if (settings.channels.size() > channel_count(settings.variant)) {
    return invalid(named(settings) + ": the variant has " + std::to_string(channel_count(settings.variant)) + " channels, " +
                   std::to_string(settings.channels.size()) + " are given");
  }
  const auto time_of_day = std::chrono::floor<std::chrono::days>(began_utc_);
  const SimTime sun_at_start = settings_.time_of_day ? SimTime{*settings_.time_of_day} : SimTime{began_utc_ - time_of_day};
  std::vector<Load> loads;
  for (std::size_t i = 0; i < channel_count(settings.variant); ++i) {
    const auto parts = i < settings.channels.size() ? settings.channels[i].loads : std::vector<LoadSettings>{};
    auto load = Load::from(parts, Sun{sun_at_start, settings_.sun_speed});
    if (!load) return invalid(named(settings) + ": " + load.error().detail);
    loads.push_back(std::move(*load));
  }
  modules_.push_back(std::make_unique<Module>(drawn(settings, settings_.seed, index), mains_, std::move(loads)));
  traffic_.resize(settings_.modules.size());
  add_bus({.name = settings.bus}).seats_.push_back({modules_.back().get(), &traffic_[index], index});
  return {};
}

Result<void> World::open_state(WorldAccess access) {
  is_view_ = access == WorldAccess::view;
  if (settings_.state_file.empty()) {
    if (is_view_) return invalid("there is no state file to look at");
    return {};
  }
  const WorldOrigin origin{BootId::of_host(), began_, began_utc_, fingerprint(settings_)};
  auto file = is_view_ ? StateFile::view(settings_.state_file, origin, settings_.modules.size())
                       : StateFile::open(settings_.state_file, origin, settings_.modules.size());
  if (!file) return failure(file.error());
  state_file_ = std::move(*file);
  began_ = state_file_->origin().began;
  began_utc_ = state_file_->origin().began_utc;
  return {};
}

SimulatedBus* World::bus(std::string_view name) {
  const auto found = std::find_if(buses_.begin(), buses_.end(), [&](const auto& bus) { return bus->name() == name; });
  return found == buses_.end() ? nullptr : found->get();
}

std::optional<std::size_t> World::find(std::string_view bus, I2cAddress address) const {
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    if (modules_[i]->settings().bus == bus && modules_[i]->settings().address == address) return i;
  }
  return std::nullopt;
}

void World::schedule(Fault fault, SimTime not_before) {
  ScheduledFault scheduled;
  const SimTime begin = fault.at_utc ? SimTime{*fault.at_utc - began_utc_} : SimTime{fault.at};
  scheduled.from = std::max(begin, not_before);
  if (fault.lasting > Microseconds{0}) scheduled.to = begin + SimTime{fault.lasting};
  scheduled.what = std::move(fault);
  if (scheduled.to <= scheduled.from) return;  // over before it could begin
  const auto& what = scheduled.what;
  if (what.kind == FaultKind::mains_outage) {
    mains_.add_outage({scheduled.from, scheduled.to});
    for (auto& module : modules_) module->set_outages(mains_.outages());
    return;
  }
  if (is_bus_fault(what.kind)) {
    for (auto& bus : buses_) {
      if (what.bus.empty() || what.bus == bus->name()) bus->faults_.push_back(scheduled);
    }
    return;
  }
  for (auto& module : modules_) {
    const auto& settings = module->settings();
    if ((what.bus.empty() || what.bus == settings.bus) && (!what.module || *what.module == settings.address))
      module->schedule(scheduled);
  }
}

void World::inject(Fault fault) {
  const std::lock_guard lock{mutex_};
  const SimTime now = sim_now();
  for (auto& module : modules_) module->advance(now);  // what is past must not be changed
  schedule(std::move(fault), now);
  for (std::size_t i = 0; i < modules_.size(); ++i) {
    modules_[i]->advance(now);
    settle(i);
  }
  refresh_lines();
}

void World::inject_now(Fault fault) {
  fault.at_utc.reset();
  {
    const std::lock_guard lock{mutex_};
    fault.at = std::chrono::floor<Microseconds>(sim_now());
  }
  inject(std::move(fault));
}

Module& World::up_to_date(std::size_t module) {
  auto& found = *modules_.at(module);
  if (is_view_) {
    if (const auto state = state_file_->load(module)) found.restore(*state);
  }
  found.advance(sim_now());
  return found;
}

ChannelTruth World::truth(std::size_t module, std::size_t channel) {
  const std::lock_guard lock{mutex_};
  return up_to_date(module).truth(channel);
}

SplitEnergy World::physical_between(std::size_t module, std::size_t channel, BootTime from, BootTime to) const {
  const std::lock_guard lock{mutex_};
  return modules_.at(module)->physical(channel, from - began_, to - began_);
}

LiveValues World::live_values(std::size_t module) {
  const std::lock_guard lock{mutex_};
  return up_to_date(module).live_values();
}

ModuleState World::state(std::size_t module) {
  const std::lock_guard lock{mutex_};
  return up_to_date(module).state();
}

void World::record_latches(bool on) {
  const std::lock_guard lock{mutex_};
  for (auto& module : modules_) module->record_latches(on);
}

std::vector<LatchRecord> World::latches(std::size_t module) const {
  const std::lock_guard lock{mutex_};
  return modules_.at(module)->latches();
}

ModuleCounters World::counters(std::size_t module) const {
  const std::lock_guard lock{mutex_};
  return modules_.at(module)->counters();
}

Traffic World::traffic(std::size_t module) const {
  const std::lock_guard lock{mutex_};
  return traffic_.at(module);
}

std::uint64_t World::foreign_bytes_written() const {
  const std::lock_guard lock{mutex_};
  std::uint64_t sum = 0;
  for (const auto& chip : foreign_) sum += chip->bytes_written();
  return sum;
}

void World::settle(std::size_t module) {
  if (state_file_ != nullptr && !is_view_) state_file_->store(module, modules_[module]->state());
}

void World::refresh_lines() {
  for (auto* line : lines_) line->refresh();
}

std::unique_ptr<SimulatedDrdy> World::drdy(const std::vector<std::size_t>& modules, DrdyWake wake) {
  return std::unique_ptr<SimulatedDrdy>{new SimulatedDrdy{*this, modules, wake}};
}

}  // namespace rbamp::simulator
