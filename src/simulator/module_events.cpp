// Errors, event flags, and what they and the commits do to the DRDY line. Protocol 9; 17 S21, S25.
#include <algorithm>
#include <utility>

#include "simulator/module.hpp"
#include "simulator/module_constants.hpp"

namespace rbamp::simulator {

void Module::set_error(std::uint8_t code) {
  if (state_.error == error::clone) return;  // nothing clears it. Protocol 5.3
  state_.error = code;
  state_.error_since = state_.now;
}

void Module::raise(std::uint8_t flag, SimTime at) {
  if (settings_.firmware != Firmware::v1_3) return;  // the event contract came with v1.3
  state_.event_flags |= flag;
  note_line(at);
}

SimTime Module::next_error_tick() const {
  if (state_.error == error::none || state_.error == error::not_ready || (state_.event_flags & event::error) != 0) return never;
  const auto ticks = std::max<std::int64_t>(1, floor_divide(state_.now - state_.error_since, error_tick) + 1);
  return state_.error_since + error_tick * ticks;
}

SimTime Module::next_alarm_change() const {
  if (!state_.is_powered) return never;
  return std::min(state_.coming_at, next_error_tick());
}

SimTime Module::next_scripted_change() const {
  return state_.faults_applied < events_.size() ? events_[state_.faults_applied].at : never;
}

LineChange Module::line() const {
  return {state_.now, state_.is_powered, state_.booted_at, state_.is_powered && (state_.event_flags & state_.event_mask) != 0};
}

void Module::note_line(SimTime at) {
  if (!is_watched_) return;
  auto change = line();
  change.at = at;
  line_changes_.push_back(change);
}

void Module::watch_line(bool on) {
  is_watched_ = on;
  line_changes_.clear();
}

std::vector<LineChange> Module::take_line_changes() { return std::exchange(line_changes_, {}); }

}  // namespace rbamp::simulator
