// Reproducible randomness: the same seed gives the same world on every compiler and machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace rbamp::simulator {

/// SplitMix64. The standard distributions are not used, since their results differ between library versions.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// In [0, 1).
  constexpr double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  /// In [0, below).
  constexpr std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  /// Draws nothing when the probability is 0, so that switching a fault off does not shift the others.
  constexpr bool happens(double probability) { return probability > 0.0 && unit() < probability; }

 private:
  std::uint64_t state_;
};

/// FNV-1a: names and settings to numbers.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0xCBF29CE484222325ULL) {
  for (const char c : text) seed = (seed ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
  return seed;
}

}  // namespace rbamp::simulator
