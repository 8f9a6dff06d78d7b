// What flows through one clamp: a sum of shapes, cut by mains outages, with exactly known energy over any interval.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "simulator/shape.hpp"

namespace rbamp::simulator {

/// One consumer or generator. The members are those of a load in the [simulator] section of the configuration.
/// Watts, physical and signed: positive is import.
struct LoadSettings {
  enum class Shape { constant, square, sine, solar_day, file };
  Shape shape = Shape::constant;
  double power_w = 0.0;      ///< constant; the mean of sine; the peak at noon of solar_day; high level of square
  double low_w = 0.0;        ///< square
  double amplitude_w = 0.0;  ///< sine
  Microseconds period = std::chrono::seconds{10};
  double duty = 0.5;
  double power_factor = 1.0;  ///< in (0, 1]; negative: leading (capacitive)
  double offset_w = 0.0;      ///< added to every shape
  std::string file;           ///< lines "seconds,watts"
};

/// Half open, [from, to).
struct Interval {
  SimTime from{};
  SimTime to{};
};

struct PowerFlow {
  double active_w = 0.0;
  double reactive_var = 0.0;  ///< positive is inductive
};

struct SplitEnergy {
  double import_j = 0.0;  ///< integral of max(P, 0)
  double export_j = 0.0;  ///< integral of max(-P, 0)
};

/// Immutable apart from outages; all questions are pure and cost some ten nanoseconds per shape.
class Load {
 public:
  Load() = default;

  /// Reads a file where a shape asks for one (blocks). Errors: config_invalid, with file and line, or the value out of range.
  [[nodiscard]] static Result<Load> from(const std::vector<LoadSettings>& settings, Sun sun);

  /// Signed joules over [from, to).
  [[nodiscard]] double energy(SimTime from, SimTime to) const;
  [[nodiscard]] PowerBounds bounds(SimTime from, SimTime to) const;
  /// Import and export kept apart at every instant, as an ideal bidirectional meter would. Exact at jumps; a crossing of a
  /// curve is found to within 1e-9 J.
  [[nodiscard]] SplitEnergy split_energy(SimTime from, SimTime to) const;
  /// Mean over [from, to), which must not be empty. Reactive power follows each part's power factor.
  [[nodiscard]] PowerFlow flow(SimTime from, SimTime to) const;

  /// No mains, no power: the list of Mains::outages(), which is ordered and free of overlaps.
  void set_outages(const std::vector<Interval>& outages) { outages_ = outages; }

 private:
  using Shape = std::variant<ConstantShape, SquareShape, SineShape, SolarDayShape, StepShape>;
  struct Part {
    template <class OneShape>
    Part(OneShape one_shape, double tangent) : shape(std::move(one_shape)), tan_phi(tangent) {}
    Shape shape;
    double tan_phi;
  };
  [[nodiscard]] double energy_with_mains(SimTime from, SimTime to) const;
  [[nodiscard]] SimTime next_jump(SimTime from) const;
  void split_smooth(SimTime from, SimTime to, SplitEnergy& sum) const;

  std::vector<Part> parts_;
  std::vector<Interval> outages_;
};

}  // namespace rbamp::simulator
