// The period engine: windows, latches, broadcasts. Protocol 11, 13.2, 17 S8-S19.
#include <algorithm>
#include <cmath>

#include "protocol/commands.hpp"
#include "simulator/module.hpp"
#include "simulator/module_constants.hpp"

namespace rbamp::simulator {

double Module::chip_ms(SimTime at) const { return state_.chip_ms + in_milliseconds(at - state_.chip_since) * state_.chip_rate; }

std::int64_t Module::commits() const { return state_.windows + (is_ready() ? 1 : 0); }

double Module::gain(std::size_t channel) const {
  const std::uint8_t model = state_.config.ct_applied.at(channel);
  double factor = 1.0;
  if (settings_.firmware != Firmware::v1_0) {  // there CT_MODEL is only a label
    if (state_.config.sensor_class == 0 || model == 0) return 0.0;
    const std::uint8_t clamp = channel < settings_.channels.size() ? settings_.channels[channel].clamp_model : std::uint8_t{0};
    if (clamp != 0) factor = ct_rating_a.at(model) / ct_rating_a.at(clamp);
  }
  const bool is_reversed = channel < settings_.channels.size() && settings_.channels[channel].reversed;
  return is_reversed ? -factor : factor;
}

LiveValues Module::values_between(SimTime from, SimTime to) const {
  LiveValues values;
  const double mains = mains_.voltage_rms(from, to);
  const bool sees_voltage = has_voltage(settings_.variant);
  if (sees_voltage) values.voltage = mains;
  for (std::size_t i = 0; i < channels(); ++i) {
    const double factor = gain(i);
    if (factor == 0.0) continue;
    const auto flow = loads_[i].flow(from, to);
    if (sees_voltage) {
      values.active_power.at(i) = factor * flow.active_w;
      values.reactive_power.at(i) = factor * flow.reactive_var;
    }
    const double raw = mains > 0.0 ? std::abs(factor) * std::hypot(flow.active_w, flow.reactive_var) / mains : 0.0;
    const double floor = i < settings_.channels.size() ? settings_.channels[i].noise_floor_a : 0.0;
    values.current.at(i) = std::sqrt(std::max(0.0, raw * raw - floor * floor));
  }
  return values;
}

LiveValues Module::live_values() const {
  if (!state_.is_powered || !is_ready() || state_.error == error::clone) return {};
  if (state_.windows == 0) return values_between(state_.booted_at + boot_to_ack, state_.booted_at + boot_to_ready);
  const SimTime end = state_.booted_at + settings_.window * state_.windows;
  return values_between(end - settings_.window, end);
}

void Module::run_windows(SimTime until) {
  const auto total = floor_divide(until - state_.booted_at, settings_.window);
  const auto first = state_.windows;
  if (total <= first) return;
  state_.windows = total;
  if (state_.error == error::not_ready) state_.error = error::none;
  if (state_.is_clone) return;  // measurement is halted
  if (settings_.quirks.measures_during_flash || state_.flash.started == never) {
    add_run(first, total);
  } else {
    // Windows that end while flash is written are dropped.
    const auto before = std::clamp(floor_divide(state_.flash.started - state_.booted_at, settings_.window), first, total);
    const auto after =
        std::clamp(floor_divide(state_.flash.started + flash_write_time - state_.booted_at, settings_.window), first, total);
    add_run(first, before);
    add_run(after, total);
  }
  check_thresholds(first, total);
  clip_input(first, total);
}

void Module::clip_input(std::int64_t first, std::int64_t last) {
  for (const auto& fault : lasting_) {
    if (fault.what.kind != FaultKind::overload) continue;
    const auto within =
        fault.to == never ? last : std::min(last, floor_divide(fault.to - SimTime{1} - state_.booted_at, settings_.window));
    const SimTime commit = state_.booted_at + settings_.window * within;
    if (within <= first || commit < fault.from) continue;
    state_.error = error::overflow;
    state_.error_since = commit;
    raise(event::error, commit);
  }
}

void Module::add_run(std::int64_t first, std::int64_t last) {
  if (first >= last) return;
  state_.period_windows += last - first;
  if (!has_voltage(settings_.variant)) return;
  const WindowRun run{state_.booted_at + settings_.window * first, settings_.window, last - first};
  for (std::size_t i = 0; i < channels(); ++i) {
    auto& live = state_.live.at(i);
    WindowSums more;
    more.max_w = live.max_w;
    add_windows(loads_[i], gain(i), run, i == 0, more);
    live.import_j += more.import_j;
    live.export_j += more.export_j;
    live.max_w = more.max_w;
    state_.ledger.at(i).windowed_import += more.import_j;
    state_.ledger.at(i).windowed_export += more.export_j;
  }
}

void Module::check_thresholds(std::int64_t first, std::int64_t last) {
  constexpr std::uint16_t off = 0xFFFF;
  if (state_.threshold_current == off) state_.above_current = false;
  if (state_.threshold_power == off) state_.above_power = false;
  if (state_.threshold_current == off && state_.threshold_power == off) return;
  for (auto k = first; k < last; ++k) {
    const SimTime commit = state_.booted_at + settings_.window * (k + 1);
    const auto values = values_between(commit - settings_.window, commit);
    const double current = *std::max_element(values.current.begin(), values.current.end());
    const double power = values.active_power[0] + values.active_power[1] + values.active_power[2];
    const bool above_current = state_.threshold_current != off && current * 100.0 > state_.threshold_current;
    const bool above_power = state_.threshold_power != off && power > state_.threshold_power;
    const bool is_level = settings_.quirks.threshold_is_level;
    if (above_current && (is_level || !state_.above_current)) raise(event::threshold_current, commit);
    if (above_power && (is_level || !state_.above_power)) raise(event::threshold_power, commit);
    state_.above_current = above_current;
    state_.above_power = above_power;
  }
}

void Module::latch() {
  ++counters_.latches_requested;
  if (state_.coming_at != never) show_snapshot(state_.now);  // the next one would overwrite it
  SimTime latency = settings_.latch_latency;
  if (const auto slow = active(FaultKind::slow_latch, state_.now)) {
    latency = SimTime{static_cast<SimTime::rep>(slow->value.value_or(60.0) * 1e6)};
  }
  state_.coming_at = state_.now + latency;
  state_.coming_empty = state_.period_windows == 0 || active(FaultKind::empty_latch, state_.now).has_value();
  if (state_.coming_empty) {
    ++counters_.latches_empty;
    if (is_recording_latches_) latches_.push_back({.at = state_.now, .is_empty = true});
  } else {
    ++counters_.latches_executed;
    const double seconds = in_seconds(settings_.window) * static_cast<double>(state_.period_windows);
    Snapshot snapshot;
    for (std::size_t i = 0; i < channels(); ++i) {
      const auto& live = state_.live.at(i);
      snapshot.average_import.at(i) = static_cast<float>(live.import_j / seconds);
      snapshot.average_export.at(i) = static_cast<float>(live.export_j / seconds);
      snapshot.import_j.at(i) = live.import_j;
      snapshot.unread.at(i) = 0x0F;
    }
    snapshot.max_power = static_cast<float>(state_.live[0].max_w);
    snapshot.latch_ms = static_cast<std::uint32_t>(chip_ms(state_.now) - state_.period_start_chip_ms);
    snapshot.commits = static_cast<std::uint32_t>(state_.period_windows);
    if (is_recording_latches_) {
      latches_.push_back({state_.now, false, state_.period_windows, snapshot.average_import, snapshot.import_j});
    }
    state_.coming = snapshot;
    state_.live = {};
    state_.period_windows = 0;
    state_.period_start = state_.now;
    state_.period_start_chip_ms = chip_ms(state_.now);
  }
  if (latency == SimTime{0}) show_snapshot(state_.now);
}

void Module::show_snapshot(SimTime at) {
  state_.coming_at = never;
  state_.shown_valid = !state_.coming_empty;
  const bool replaces = !state_.coming_empty || settings_.quirks.empty_latch_clears_snapshot;
  if (!replaces) return;
  for (std::size_t i = 0; i < channels(); ++i) {
    if (state_.shown.unread.at(i) != 0) state_.ledger.at(i).never_read += state_.shown.import_j.at(i);
  }
  if (state_.coming_empty) {
    state_.shown = {};
    return;
  }
  state_.shown = state_.coming;
  raise(event::period_ready, at);
}

bool Module::hear_broadcast(std::span<const std::uint8_t> frame) {
  constexpr std::size_t frame_size = 5;
  const bool is_latch =
      !state_.is_clone && frame.size() >= frame_size && frame[0] == protocol::magic && frame[1] == protocol::gc_latch_opcode;
  if (!is_latch || (frame[2] != 0 && frame[2] != state_.config.group)) {
    ++counters_.broadcasts_ignored;
    return true;  // the bytes are acknowledged all the same
  }
  latch();
  state_.gc_tick = static_cast<std::uint16_t>(frame[3] | (static_cast<unsigned>(frame[4]) << 8U));
  if (has_voltage(settings_.variant) && mains_.is_on(state_.now)) {
    state_.zc_offset = static_cast<std::uint16_t>(mains_.to_zero_crossing(state_.now) / std::chrono::microseconds{1});
  }
  return true;
}

}  // namespace rbamp::simulator
