#include "metering/limit_watch.hpp"

namespace rbamp::metering {

LimitWatch::State LimitWatch::seen(double value) const {
  if (value < settings_.low) return State::low;
  if (value > settings_.high) return State::high;
  // On the way back the border is further in.
  if (state_ == State::low && value < settings_.low + settings_.hysteresis) return State::low;
  if (state_ == State::high && value > settings_.high - settings_.hysteresis) return State::high;
  return State::normal;
}

std::optional<LimitWatch::Edge> LimitWatch::add(BootTime at, double value) {
  const State now = seen(value);
  if (now != pending_) {
    pending_ = now;
    pending_since_ = at;
  }
  if (pending_ == state_ || at - pending_since_ < settings_.hold) return std::nullopt;
  if (last_edge_ && at - *last_edge_ < settings_.spacing) return std::nullopt;
  state_ = pending_;
  last_edge_ = at;
  return Edge{state_, value};
}

}  // namespace rbamp::metering
