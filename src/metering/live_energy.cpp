#include "metering/live_energy.hpp"

#include <algorithm>

#include "metering/book.hpp"

namespace rbamp::metering {
namespace {

void add_signed(LiveEnergy& sums, Watts power, Microseconds time) {
  if (power.value() >= 0.0) {
    sums.positive += energy_of(power, time);
  } else {
    sums.negative += energy_of(-power, time);
  }
}

}  // namespace

void LiveIntegrator::add(BootTime at, Watts power, bool has_missed) {
  const bool is_first = !last_ || at - last_->at > longest_bridge;
  if (is_first) {
    Microseconds own = window;
    // A reading that is a little late for its window stands for all since the beginning, as it would after another reading.
    if (begin_ && at - *begin_ <= longest_step) own = std::max(at - *begin_, Microseconds::zero());
    add_signed(sums_, power, own);
    sums_.covered += own;
  } else if (at > last_->at) {
    const Microseconds step = at - last_->at;
    if (step <= longest_step && !has_missed) {
      add_signed(sums_, power, step);
      sums_.covered += step;
    } else {
      // Half of the hole by what was seen before it, half by what was seen after it.
      add_signed(sums_, last_->power, step / 2);
      add_signed(sums_, power, step - step / 2);
      sums_.missed += step;
    }
  }
  last_ = LivePower{last_ ? std::max(last_->at, at) : at, power};
}

LiveEnergy LiveIntegrator::take() {
  const LiveEnergy taken = sums_;
  sums_ = {};
  return taken;
}

void LiveIntegrator::restart() {
  if (last_) begin_ = last_->at;  // no window counts twice
  last_.reset();
}

void LiveIntegrator::begin(BootTime at) {
  begin_ = at;
  if (last_) last_->at = std::max(last_->at, at);
}

void LiveIntegrator::end(BootTime at) {
  if (last_ && at > last_->at && at - last_->at <= longest_bridge) {
    const Microseconds rest = at - last_->at;
    add_signed(sums_, last_->power, rest);
    (rest <= longest_step ? sums_.covered : sums_.missed) += rest;
    last_->at = at;
  }
}

void LiveIntegrator::resume(const State& state) {
  sums_ = state.sums;
  last_ = state.last;
}

}  // namespace rbamp::metering
