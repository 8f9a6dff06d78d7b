#include "metering/energy_estimate.hpp"

#include <utility>

namespace rbamp::metering {

void EnergyEstimate::add(BootTime at, const Currents& currents, Volts voltage, double power_factor) {
  if (begin_ && at - last_ > tolerated_hole) {
    finish();
    begin_.reset();
    for (auto& channel : channels_) channel.restart();
  }
  if (!begin_) {
    begin_ = at;
    for (auto& channel : channels_) channel.begin(at);
  }
  for (std::size_t i = 0; i < max_channels; ++i) {
    if (currents[i]) channels_[i].add(at, Watts{(voltage * *currents[i]).value() * power_factor});
  }
  last_ = at;
}

void EnergyEstimate::finish() {
  if (!begin_ || last_ <= *begin_) return;
  Stretch stretch{*begin_, last_, {}};
  for (std::size_t i = 0; i < max_channels; ++i) stretch.energy[i] = channels_[i].take().positive;
  finished_.push_back(stretch);
  begin_ = last_;
}

std::vector<EnergyEstimate::Stretch> EnergyEstimate::take() {
  finish();
  return std::exchange(finished_, {});
}

}  // namespace rbamp::metering
