#include "metering/demand.hpp"

#include <algorithm>

namespace rbamp::metering {

UtcTime Demand::begin_of(UtcTime when) const {
  const auto since = when.time_since_epoch() + offset_;
  auto rest = since % window_;
  if (rest < Microseconds::zero()) rest += window_;
  return when - rest;
}

std::optional<Demand::Window> Demand::step(const Period& span, MicroWattHours import) {
  const UtcTime end = span.end.utc;
  const UtcTime begin = added_until_.value_or(end - span.length);
  if (span.length <= Microseconds::zero() || begin >= end) {
    added_until_.reset();
    return std::nullopt;
  }
  if (!running_) running_ = Window{begin_of(begin), {}, {}, begin};
  // A clock that was ahead was set back: what it began is over, or nothing would be added until the time comes again.
  if (begin + window_ < running_->begin) running_ = Window{begin_of(begin), {}, {}, begin};
  if (begin < running_->begin) {
    // A label that was corrected backwards: its energy is in the ledger, its window is over.
    added_until_.reset();
    return std::nullopt;
  }
  if (begin >= running_->begin + window_) {
    const auto closed = *running_;
    running_ = Window{begin_of(begin), {}, {}, begin};
    added_until_ = begin;
    return closed;
  }
  const UtcTime until = std::min(end, running_->begin + window_);
  const double share = static_cast<double>((until - begin).count()) / static_cast<double>(span.length.count());
  running_->energy += import.to_watt_hours() * share;
  running_->covered += until - begin;
  running_->until = until;
  if (until < end || until == running_->begin + window_) {
    const auto closed = *running_;
    running_ = Window{closed.begin + window_, {}, {}, closed.begin + window_};
    added_until_ = until;
    return closed;
  }
  added_until_.reset();
  return std::nullopt;
}

bool Demand::settle(const Window& window, std::int32_t month, bool is_trusted) {
  // Time that nobody metered counts as no energy: the mean can be too low then, never too high.
  if (window.covered <= Microseconds::zero()) return false;
  const Watts mean{window.energy.value() / Hours{window_}.count()};
  last_ = mean;
  // A window of a clock that is not set has no month: it must not become the peak of 1970 for ever, nor of a month to come.
  if (!is_trusted) return false;
  if (peak_ && peak_->month == month && peak_->power >= mean) return false;
  if (peak_ && peak_->month > month) return false;
  peak_ = DemandPeak{month, mean, window.begin};
  return true;
}

std::optional<DemandReading> Demand::at(UtcTime now) const {
  if (!running_) return std::nullopt;
  DemandReading reading;
  reading.last = last_;
  reading.peak = peak_;
  const UtcTime end = running_->begin + window_;
  const UtcTime until = std::clamp(now, running_->begin, end);
  const UtcTime booked = running_->until;
  const WattHours energy = running_->energy + (until > booked ? power_ * Hours{until - booked} : WattHours{0.0});
  const auto elapsed = until - running_->begin;
  reading.so_far = elapsed > Microseconds::zero() ? Watts{energy.value() / Hours{elapsed}.count()} : power_;
  reading.forecast = Watts{(energy + power_ * Hours{end - until}).value() / Hours{window_}.count()};
  return reading;
}

}  // namespace rbamp::metering
