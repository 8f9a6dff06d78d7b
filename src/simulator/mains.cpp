#include "simulator/mains.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rbamp::simulator {
namespace {

constexpr SimTime swing_period = std::chrono::seconds{97};  // in step with nothing else

}  // namespace

double Mains::voltage_rms(SimTime from, SimTime to) const {
  SimTime without{0};
  for (const auto& outage : outages_) without += std::max(SimTime{0}, std::min(to, outage.to) - std::max(from, outage.from));
  double volts = settings_.voltage_v;
  if (settings_.swing_v != 0.0) {
    const SimTime middle = from + (to - from) / 2;
    const double turns = in_seconds(phase_of(middle, swing_period)) / in_seconds(swing_period);
    volts += settings_.swing_v * std::sin(2 * std::numbers::pi * turns);
  }
  if (without == SimTime{0}) return volts;
  return volts * std::sqrt(1.0 - in_seconds(without) / in_seconds(to - from));
}

bool Mains::is_on(SimTime at) const {
  return std::none_of(outages_.begin(), outages_.end(),
                      [&](const Interval& outage) { return outage.from <= at && at < outage.to; });
}

void Mains::add_outage(Interval outage) {
  outages_.push_back(outage);
  std::sort(outages_.begin(), outages_.end(), [](const Interval& a, const Interval& b) { return a.from < b.from; });
  std::vector<Interval> joined;
  for (const auto& next : outages_) {
    if (!joined.empty() && next.from <= joined.back().to) {
      joined.back().to = std::max(joined.back().to, next.to);
    } else {
      joined.push_back(next);
    }
  }
  outages_ = std::move(joined);
}

}  // namespace rbamp::simulator
