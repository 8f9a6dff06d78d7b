#include "simulator/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rbamp::simulator {
namespace {

using std::numbers::pi;
constexpr double day_seconds = 86'400.0;
constexpr double sunrise = 0.25;
constexpr double noon = 0.5;
constexpr double sunset = 0.75;

/// True when an x with fractional part `mark` lies in (from, to].
bool passes(double from, double to, double mark) { return std::floor(to - mark) > std::floor(from - mark); }

PowerBounds ordered(double a, double b) { return {std::min(a, b), std::max(a, b)}; }

}  // namespace

SquareShape::SquareShape(double high, double low, SimTime period, double duty)
    : high_(high),
      low_(low),
      period_(period),
      on_(static_cast<SimTime::rep>(std::llround(static_cast<double>(period.count()) * duty))) {}

double SquareShape::energy_within(SimTime phase) const {
  return high_ * in_seconds(std::min(phase, on_)) + low_ * in_seconds(std::max(phase - on_, SimTime{0}));
}

double SquareShape::energy(SimTime from, SimTime to) const {
  const auto whole = floor_divide(to, period_) - floor_divide(from, period_);
  const double rest = energy_within(phase_of(to, period_)) - energy_within(phase_of(from, period_));
  return static_cast<double>(whole) * energy_within(period_) + rest;
}

PowerBounds SquareShape::bounds(SimTime from, SimTime to) const {
  const SimTime phase = phase_of(from, period_);
  const bool is_high = phase < on_;
  const SimTime jump = is_high ? on_ : period_;
  if (to - from <= jump - phase) {
    const double level = is_high ? high_ : low_;
    return {level, level};
  }
  return ordered(high_, low_);
}

SimTime SquareShape::next_jump(SimTime from) const {
  const SimTime phase = phase_of(from, period_);
  return from - phase + (phase < on_ ? on_ : period_);
}

double SineShape::energy(SimTime from, SimTime to) const {
  const double turns_from = in_seconds(phase_of(from, period_)) / in_seconds(period_);
  const double turns_to = in_seconds(phase_of(to, period_)) / in_seconds(period_);
  const double swing = std::cos(2 * pi * turns_from) - std::cos(2 * pi * turns_to);
  return mean_ * in_seconds(to - from) + amplitude_ * in_seconds(period_) / (2 * pi) * swing;
}

PowerBounds SineShape::bounds(SimTime from, SimTime to) const {
  if (to - from >= period_) return {mean_ - std::abs(amplitude_), mean_ + std::abs(amplitude_)};
  const double begin = in_seconds(phase_of(from, period_)) / in_seconds(period_);
  const double end = begin + in_seconds(to - from) / in_seconds(period_);
  auto [low, high] = ordered(std::sin(2 * pi * begin), std::sin(2 * pi * end));
  if (passes(begin, end, 0.25)) high = 1.0;
  if (passes(begin, end, 0.75)) low = -1.0;
  const auto [a, b] = ordered(amplitude_ * low, amplitude_ * high);
  return {mean_ + a, mean_ + b};
}

double SolarDayShape::days_at(SimTime time) const {
  return (in_seconds(sun_.time_of_day) + in_seconds(time) * sun_.speed) / day_seconds;
}

double SolarDayShape::power_at(double day_fraction) const {
  if (day_fraction <= sunrise || day_fraction >= sunset) return 0.0;
  return peak_ * std::sin(2 * pi * (day_fraction - sunrise));
}

double SolarDayShape::energy(SimTime from, SimTime to) const {
  const double clock_seconds_per_day = day_seconds / sun_.speed;
  const double whole = peak_ * clock_seconds_per_day / pi;
  const auto until = [&](double fraction) {
    const double light = std::clamp(fraction, sunrise, sunset) - sunrise;
    return peak_ * clock_seconds_per_day / (2 * pi) * (1 - std::cos(2 * pi * light));
  };
  const double begin = days_at(from);
  const double end = days_at(to);
  const double first_day = std::floor(begin);
  const double last_day = std::floor(end);
  return (last_day - first_day) * whole + until(end - last_day) - until(begin - first_day);
}

PowerBounds SolarDayShape::bounds(SimTime from, SimTime to) const {
  const double begin = days_at(from);
  const double end = days_at(to);
  if (end - begin >= 1.0) return ordered(0.0, peak_);
  PowerBounds found = ordered(power_at(begin - std::floor(begin)), power_at(end - std::floor(end)));
  const auto include = [&found](double watts) {
    found.low = std::min(found.low, watts);
    found.high = std::max(found.high, watts);
  };
  if (passes(begin, end, noon)) include(peak_);
  if (passes(begin, end, sunrise) || passes(begin, end, sunset)) include(0.0);
  return found;
}

StepShape::StepShape(const std::vector<Step>& steps) : steps_(steps), length_(steps.back().at - steps.front().at) {
  const SimTime start = steps_.front().at;
  for (auto& step : steps_) step.at -= start;
  if (steps_.size() > 1) steps_.pop_back();
  all_ = {steps_.front().watts, steps_.front().watts};
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    energy_until_.push_back(energy_);
    const SimTime end = i + 1 < steps_.size() ? steps_[i + 1].at : length_;
    energy_ += steps_[i].watts * in_seconds(end - steps_[i].at);
    all_.low = std::min(all_.low, steps_[i].watts);
    all_.high = std::max(all_.high, steps_[i].watts);
  }
}

std::size_t StepShape::index_at(SimTime phase) const {
  const auto after =
      std::upper_bound(steps_.begin(), steps_.end(), phase, [](SimTime t, const Step& step) { return t < step.at; });
  return static_cast<std::size_t>(after - steps_.begin()) - 1;
}

double StepShape::energy_within(SimTime phase) const {
  const auto i = index_at(phase);
  return energy_until_[i] + steps_[i].watts * in_seconds(phase - steps_[i].at);
}

double StepShape::energy(SimTime from, SimTime to) const {
  if (length_ == SimTime{0}) return steps_.front().watts * in_seconds(to - from);
  const auto whole = floor_divide(to, length_) - floor_divide(from, length_);
  return static_cast<double>(whole) * energy_ + energy_within(phase_of(to, length_)) - energy_within(phase_of(from, length_));
}

PowerBounds StepShape::bounds(SimTime from, SimTime to) const {
  if (length_ == SimTime{0} || to - from >= length_) return all_;
  const SimTime phase = phase_of(from, length_);
  const SimTime end = phase + (to - from);  // may pass the end of the recording once
  auto i = index_at(phase);
  SimTime lap{0};
  PowerBounds found{steps_[i].watts, steps_[i].watts};
  for (;;) {
    if (++i == steps_.size()) {
      i = 0;
      lap += length_;
    }
    if (steps_[i].at + lap >= end) return found;
    found.low = std::min(found.low, steps_[i].watts);
    found.high = std::max(found.high, steps_[i].watts);
  }
}

SimTime StepShape::next_jump(SimTime from) const {
  if (length_ == SimTime{0}) return never;
  const SimTime phase = phase_of(from, length_);
  const auto i = index_at(phase) + 1;
  return from - phase + (i < steps_.size() ? steps_[i].at : length_);
}

}  // namespace rbamp::simulator
