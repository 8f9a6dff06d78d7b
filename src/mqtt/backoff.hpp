// How long to wait before the next attempt: doubling, with jitter, so that a hundred clients do not return in step.
#pragma once

#include <cstdint>
#include <random>

#include "base/clock.hpp"

namespace rbamp::mqtt {

/// 1 s, 2 s, 4 s ... 60 s, each times a random factor from 0.75 to 1.25. Pure but for its own random state.
class Backoff {
 public:
  explicit Backoff(std::uint32_t seed) : random_(seed) {}

  [[nodiscard]] Microseconds next();
  void reset() { base_ = first; }

  static constexpr Microseconds first = std::chrono::seconds{1};
  static constexpr Microseconds longest = std::chrono::seconds{60};

 private:
  std::mt19937 random_;
  Microseconds base_ = first;
};

/// A random time from `least` to `most`.
[[nodiscard]] Microseconds random_time(std::mt19937& random, Microseconds least, Microseconds most);

}  // namespace rbamp::mqtt
