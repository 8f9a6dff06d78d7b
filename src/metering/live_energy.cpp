#include "metering/live_energy.hpp"

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
  if (has_last_ && at > last_at_) {
    const Microseconds step = at - last_at_;
    if (step <= longest_step && !has_missed) {
      add_signed(sums_, power, step);
      sums_.covered += step;
    } else if (step <= longest_bridge) {
      // Half of the hole by what was seen before it, half by what was seen after it.
      add_signed(sums_, last_power_, step / 2);
      add_signed(sums_, power, step - step / 2);
      sums_.missed += step;
    }
  }
  has_last_ = true;
  last_at_ = at;
  last_power_ = power;
}

LiveEnergy LiveIntegrator::take() {
  const LiveEnergy taken = sums_;
  sums_ = {};
  return taken;
}

}  // namespace rbamp::metering
