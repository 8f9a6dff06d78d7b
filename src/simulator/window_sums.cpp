#include "simulator/window_sums.hpp"

#include <algorithm>
#include <utility>

namespace rbamp::simulator {
namespace {

class Adder {
 public:
  Adder(const Load& load, double gain, bool with_max, WindowSums& sums)
      : load_(load), gain_(gain), with_max_(with_max), sums_(sums) {}

  [[nodiscard]] PowerBounds bounds(const WindowRun& run) const {
    auto [low, high] = load_.bounds(run.begin, run.begin + run.length * run.count);
    low *= gain_;
    high *= gain_;
    if (gain_ < 0.0) std::swap(low, high);
    return {low, high};
  }

  void add(const WindowRun& run, const PowerBounds& bounds) {
    const bool is_one_sided = bounds.low >= 0.0 || bounds.high <= 0.0;
    const bool cannot_raise_max = !with_max_ || bounds.high <= sums_.max_w;
    const bool is_flat = bounds.low == bounds.high;
    if (run.count == 1 || (is_one_sided && (cannot_raise_max || is_flat))) {
      take(run);
      return;
    }
    const WindowRun first{run.begin, run.length, run.count / 2};
    const WindowRun second{run.begin + run.length * first.count, run.length, run.count - first.count};
    const auto first_bounds = this->bounds(first);
    const auto second_bounds = this->bounds(second);
    // The half that may hold the maximum goes first: then the other one can mostly be taken whole.
    if (second_bounds.high > first_bounds.high) {
      add(second, second_bounds);
      add(first, first_bounds);
    } else {
      add(first, first_bounds);
      add(second, second_bounds);
    }
  }

 private:
  /// One window, or several of one sign of which none or any is the largest.
  void take(const WindowRun& run) {
    const SimTime end = run.begin + run.length * run.count;
    const double joules = gain_ * load_.energy(run.begin, end);
    (joules >= 0.0 ? sums_.import_j : sums_.export_j) += joules >= 0.0 ? joules : -joules;
    if (with_max_) sums_.max_w = std::max(sums_.max_w, joules / in_seconds(end - run.begin));
  }

  const Load& load_;
  double gain_;
  bool with_max_;
  WindowSums& sums_;
};

}  // namespace

void add_windows(const Load& load, double gain, const WindowRun& run, bool with_max, WindowSums& sums) {
  if (run.count <= 0 || gain == 0.0) return;
  Adder adder{load, gain, with_max, sums};
  adder.add(run, adder.bounds(run));
}

}  // namespace rbamp::simulator
