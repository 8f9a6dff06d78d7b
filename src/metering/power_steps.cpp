#include "metering/power_steps.hpp"

#include <cmath>

namespace rbamp::metering {
namespace {

constexpr double share_to_begin = 0.7;
constexpr Microseconds longest_pause = std::chrono::minutes{3};  // events.sample_interval may be a minute

}  // namespace

void PowerSteps::restart() {
  average_.reset();
  candidate_.reset();
}

void PowerSteps::follow(BootTime at, Watts power) {
  const double elapsed = std::chrono::duration<double>{at - last_at_}.count();
  const double constant = std::chrono::duration<double>{settings_.time_constant}.count();
  *average_ += (power - *average_) * (1.0 - std::exp(-elapsed / constant));
}

std::optional<PowerStep> PowerSteps::add(BootTime at, Watts power) {
  if (average_ && at - last_at_ > longest_pause) restart();
  if (!average_) {
    average_ = power;
    last_at_ = at;
    return std::nullopt;
  }
  if (last_step_ && at - *last_step_ < settings_.spacing) {
    last_at_ = at;
    return std::nullopt;
  }
  const Watts difference = power - *average_;
  const double size = std::abs(difference.value());
  const bool is_rise = difference > Watts{0.0};
  if (size < settings_.threshold.value() * share_to_begin || (candidate_ && candidate_->is_rise != is_rise)) {
    candidate_.reset();
    follow(at, power);
    last_at_ = at;
    return std::nullopt;
  }
  if (!candidate_) candidate_ = Candidate{at, {}, 0, is_rise};
  candidate_->sum += power;
  ++candidate_->readings;
  last_at_ = at;
  if (candidate_->readings < 2 || at - candidate_->since < settings_.hold) return std::nullopt;
  const Watts level = candidate_->sum / static_cast<double>(candidate_->readings);
  const PowerStep step{level - *average_, level, *average_, candidate_->since};
  if (std::abs(step.delta.value()) < settings_.threshold.value()) {
    // A slope, or a step that is too small to be told: the average goes there.
    candidate_.reset();
    average_ = level;
    return std::nullopt;
  }
  candidate_.reset();
  average_ = level;
  last_step_ = at;
  return step;
}

}  // namespace rbamp::metering
