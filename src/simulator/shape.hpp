// Shapes of power over time, each with its energy in closed form. Watts, joules; positive is import.
#pragma once

#include <vector>

#include "simulator/sim_time.hpp"

namespace rbamp::simulator {

/// What power stays within over some interval. May be wider than the truth, never narrower.
struct PowerBounds {
  double low = 0.0;
  double high = 0.0;
};

/// Every shape offers the same three questions, valid for any `from` <= `to`, also before the world began:
///   energy       joules over [from, to), exact to rounding
///   bounds       of the power over [from, to)
///   next_jump    first instant after `from` where the power jumps; `never` when it is continuous

struct ConstantShape {
  double watts = 0.0;

  [[nodiscard]] double energy(SimTime from, SimTime to) const { return watts * in_seconds(to - from); }
  [[nodiscard]] PowerBounds bounds(SimTime, SimTime) const { return {watts, watts}; }
  [[nodiscard]] static SimTime next_jump(SimTime) { return never; }
};

/// `high` for the first `on` of each period, then `low`.
class SquareShape {
 public:
  SquareShape(double high, double low, SimTime period, double duty);

  [[nodiscard]] double energy(SimTime from, SimTime to) const;
  [[nodiscard]] PowerBounds bounds(SimTime from, SimTime to) const;
  [[nodiscard]] SimTime next_jump(SimTime from) const;

 private:
  [[nodiscard]] double energy_within(SimTime phase) const;

  double high_;
  double low_;
  SimTime period_;
  SimTime on_;
};

/// mean + amplitude * sin(2 pi t / period).
class SineShape {
 public:
  SineShape(double mean, double amplitude, SimTime period) : mean_(mean), amplitude_(amplitude), period_(period) {}

  [[nodiscard]] double energy(SimTime from, SimTime to) const;
  [[nodiscard]] PowerBounds bounds(SimTime from, SimTime to) const;
  [[nodiscard]] static SimTime next_jump(SimTime) { return never; }

 private:
  double mean_;
  double amplitude_;
  SimTime period_;
};

/// Where the sun is: time of day when the world began, and how much faster it moves than the clock.
struct Sun {
  SimTime time_of_day{};
  double speed = 1.0;
};

/// Half a sine from 6 to 18 o'clock with `peak` at noon, nothing at night.
class SolarDayShape {
 public:
  SolarDayShape(double peak, Sun sun) : peak_(peak), sun_(sun) {}

  [[nodiscard]] double energy(SimTime from, SimTime to) const;
  [[nodiscard]] PowerBounds bounds(SimTime from, SimTime to) const;
  [[nodiscard]] static SimTime next_jump(SimTime) { return never; }

 private:
  [[nodiscard]] double days_at(SimTime time) const;
  [[nodiscard]] double power_at(double day_fraction) const;

  double peak_;
  Sun sun_;
};

/// Steps as read from a file, repeated: each value holds until the next line. The last line ends the recording (its value is
/// that of the repeated first stretch to come, so it is not used), unless it is the only one.
class StepShape {
 public:
  struct Step {
    SimTime at{};
    double watts = 0.0;
  };
  /// Steps in rising order of time, at least one; the first line's time is the beginning of the recording.
  explicit StepShape(const std::vector<Step>& steps);

  [[nodiscard]] double energy(SimTime from, SimTime to) const;
  [[nodiscard]] PowerBounds bounds(SimTime from, SimTime to) const;
  [[nodiscard]] SimTime next_jump(SimTime from) const;

 private:
  [[nodiscard]] std::size_t index_at(SimTime phase) const;
  [[nodiscard]] double energy_within(SimTime phase) const;

  std::vector<Step> steps_;           ///< times relative to the first line
  std::vector<double> energy_until_;  ///< joules from the first line to each step
  SimTime length_{};                  ///< zero: a single, constant step
  double energy_ = 0.0;               ///< joules of one repetition
  PowerBounds all_;
};

}  // namespace rbamp::simulator
