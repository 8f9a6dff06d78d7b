#include "simulator/module.hpp"

#include <algorithm>
#include <utility>

#include "simulator/module_constants.hpp"

namespace rbamp::simulator {
namespace {

UserConfig saved_config(const ModuleSettings& settings) {
  UserConfig config;
  config.sensor_class = 1;
  for (std::size_t i = 0; i < channel_count(settings.variant); ++i) {
    config.ct_applied.at(i) = i < settings.channels.size() ? settings.channels[i].ct_model : std::uint8_t{3};
  }
  config.ct_model = config.ct_applied.front();
  config.fleet = settings.broadcast ? 1 : 0;
  config.group = settings.group;
  const auto length = std::min(settings.label.size(), config.label.size());
  for (std::size_t i = 0; i < length; ++i) config.label.at(i) = static_cast<std::uint8_t>(settings.label[i]);
  config.address = settings.address.value();
  return config;
}

}  // namespace

Module::Module(ModuleSettings settings, const Mains& mains, std::vector<Load> loads)
    : settings_(std::move(settings)), mains_(mains), loads_(std::move(loads)) {
  state_.uid = settings_.uid.value();
  state_.flash.is_valid = settings_.provisioned;
  if (settings_.provisioned) state_.flash.image = saved_config(settings_);
  state_.boots = 0;
  // A running module began its windows at some instant before the world began, and its period with the world.
  const SimTime start = -SimTime{settings_.uptime} - SimTime{settings_.window_phase.value()};
  boot(start, settings_.starts_after_power_up ? cause::power_on : cause::pin);
  state_.windows = std::max<std::int64_t>(0, floor_divide(-start, settings_.window));
  state_.now = SimTime{0};
  state_.period_start = SimTime{0};
  state_.period_start_chip_ms = chip_ms(SimTime{0});
}

void Module::set_outages(const std::vector<Interval>& outages) {
  for (auto& load : loads_) load.set_outages(outages);
}

void Module::advance(SimTime now) {
  while (state_.faults_applied < events_.size() && events_[state_.faults_applied].at <= now) {
    const Event event = events_[state_.faults_applied];
    run_until(std::max(event.at, state_.now));
    ++state_.faults_applied;
    apply(event);
  }
  run_until(now);
}

void Module::run_until(SimTime now) {
  if (now <= state_.now) return;
  if (state_.is_powered) {
    run_windows(now);
    if (state_.coming_at <= now) show_snapshot(state_.coming_at);
    const SimTime tick = next_error_tick();
    if (tick <= now) raise(event::error, tick);
    if (state_.flash.until <= now) finish_flash();
  }
  state_.now = now;
}

void Module::schedule(const ScheduledFault& fault) {
  if (is_module_state(fault.what.kind)) {
    lasting_.push_back(fault);
    return;
  }
  const auto insert = [&](const Event& event) {
    const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(state_.faults_applied);
    events_.insert(std::upper_bound(begin, events_.end(), event, [](const Event& a, const Event& b) { return a.at < b.at; }),
                   event);
  };
  insert({fault.from, false, fault.what});
  const auto kind = fault.what.kind;
  if (kind == FaultKind::power_cycle) insert({fault.to == never ? fault.from : fault.to, true, fault.what});
  if (kind == FaultKind::unplug && fault.to != never) insert({fault.to, true, fault.what});
}

std::optional<Fault> Module::active(FaultKind kind, SimTime at) const {
  for (const auto& fault : lasting_) {
    if (fault.what.kind == kind && fault.from <= at && at < fault.to) return fault.what;
  }
  return std::nullopt;
}

void Module::apply(const Event& event) {
  const SimTime at = state_.now;
  if (event.is_power_on) {
    if (!state_.is_powered) boot(at, cause::power_on);
    return;
  }
  switch (event.what.kind) {
    case FaultKind::power_cycle:
    case FaultKind::unplug: power_off(); break;
    case FaultKind::watchdog_reset:
      if (state_.is_powered) boot(at, cause::watchdog);
      break;
    case FaultKind::replace_chip: {
      power_off();
      auto next = state_.uid.bytes();
      for (auto& byte : next) byte = static_cast<std::uint8_t>(byte * 5U + 17U);  // another one, the same in every run
      state_.uid = event.what.uid.value_or(ModuleUid{next});
      boot(at, cause::power_on);
      break;
    }
    case FaultKind::error_state: {
      const auto code = static_cast<std::uint8_t>(event.what.code);
      state_.is_clone = state_.is_clone || code == error::clone;
      state_.lut_is_bad = state_.lut_is_bad || code == error::lut_bad;
      if (code == error::flash_bad) state_.flash.is_valid = false;
      if (state_.is_powered) {
        set_error(code);
        raise(event::error, at);
      }
      break;
    }
    case FaultKind::blank_flash: state_.flash.is_valid = false; break;
    case FaultKind::foreign_latch:
      if (is_awake()) latch();
      break;
    case FaultKind::chip_clock:
      state_.chip_ms = chip_ms(at);
      state_.chip_since = at;
      state_.chip_rate = event.what.value.value_or(settings_.chip_clock.value());
      break;
    default: break;  // faults of a bus and lasting states are no events: schedule() keeps them apart
  }
}

void Module::lose_volatile() {
  for (std::size_t i = 0; i < channels(); ++i) {
    auto& ledger = state_.ledger.at(i);
    ledger.lost_in_reset += state_.live.at(i).import_j;
    if (state_.coming_at != never && !state_.coming_empty) ledger.never_read += state_.coming.import_j.at(i);
    if (state_.shown.unread.at(i) != 0) ledger.never_read += state_.shown.import_j.at(i);
  }
  if (state_.flash.running != FlashWrite::none) {  // torn: the page is erased and not yet complete. Protocol 8.2
    state_.flash.is_valid = false;
    state_.flash.running = FlashWrite::none;
    state_.flash.until = never;
  }
}

void Module::power_off() {
  if (!state_.is_powered) return;
  lose_volatile();
  state_.is_powered = false;
  state_.live = {};
  state_.shown = {};
  state_.coming_at = never;
  state_.event_flags = 0;
  note_line(state_.now);
}

void Module::plug_in() {
  if (!state_.is_powered) boot(state_.now, cause::power_on);
}

void Module::boot(SimTime at, std::uint8_t reset_cause) {
  if (state_.is_powered) lose_volatile();
  ModuleState fresh;
  fresh.now = at;
  fresh.uid = state_.uid;
  fresh.flash = state_.flash;
  fresh.ledger = state_.ledger;
  fresh.faults_applied = state_.faults_applied;
  fresh.is_clone = state_.is_clone;
  fresh.lut_is_bad = state_.lut_is_bad;
  fresh.boots = state_.boots + 1;
  fresh.booted_at = at;
  fresh.reset_cause = reset_cause;
  fresh.chip_since = at;
  fresh.chip_rate = state_.boots == 0 ? settings_.chip_clock.value() : state_.chip_rate;
  fresh.period_start = at;
  if (fresh.flash.is_valid) {
    fresh.config = fresh.flash.image;
  } else {
    fresh.flash.image = {};
  }
  fresh.active_address = fresh.config.address;
  fresh.staged_address = fresh.config.address;
  fresh.hears_broadcast = settings_.firmware == Firmware::v1_3 && (fresh.config.fleet & 1U) != 0;
  fresh.error_since = at;
  if (!fresh.flash.is_valid) fresh.error = error::flash_bad;
  if (fresh.lut_is_bad) fresh.error = error::lut_bad;
  if (fresh.error == error::none && settings_.quirks.not_ready_error_at_boot) fresh.error = error::not_ready;
  if (fresh.is_clone) fresh.error = error::clone;
  fresh.event_flags = event::reset_occurred;
  if (fresh.error != error::none && fresh.error != error::not_ready) fresh.event_flags |= event::error;
  state_ = fresh;
  note_line(at);
}

void Module::finish_flash() {
  auto& flash = state_.flash;
  const bool is_worn = settings_.quirks.flash_wears_out && flash.cycles > flash_endurance;
  if (flash.running == FlashWrite::address) {
    flash.image.address = flash.next.address;
  } else {
    flash.image = flash.next;
  }
  flash.is_valid = !is_worn;
  flash.running = FlashWrite::none;
  flash.until = never;
}

bool Module::is_awake() const {
  if (!state_.is_powered || state_.now < state_.booted_at + boot_to_ack) return false;
  return state_.flash.running == FlashWrite::none || !settings_.quirks.flash_blocks_bus;
}

bool Module::is_ready() const { return state_.now >= state_.booted_at + boot_to_ready; }

bool Module::acknowledges(I2cAddress to) const {
  if (!is_awake()) return false;
  if (to == general_call) return state_.hears_broadcast && !active(FaultKind::miss_broadcast, state_.now);
  return to.value() == state_.active_address;
}

bool Module::may_answer(I2cAddress to, SimTime now) const {
  // The active address changes only at a boot: one that was seen, or one that the script has for the time since.
  const bool has_event = state_.faults_applied < events_.size() && events_[state_.faults_applied].at <= now;
  return has_event || to == general_call || to.value() == state_.active_address;
}

SimTime Module::next_change() const {
  if (!state_.is_powered) return never;
  SimTime next = state_.booted_at + settings_.window * (state_.windows + 1);
  for (const SimTime step : {state_.booted_at + boot_to_ready, state_.booted_at + boot_to_valid, state_.coming_at}) {
    if (step > state_.now) next = std::min(next, step);
  }
  return next;
}

void Module::count_bus_error() {
  if (state_.is_powered && state_.bus_errors < 0xFFFF) ++state_.bus_errors;
}

void Module::count_bus_recovery() {
  if (state_.is_powered && state_.bus_reinits < 0xFF) ++state_.bus_reinits;
}

}  // namespace rbamp::simulator
