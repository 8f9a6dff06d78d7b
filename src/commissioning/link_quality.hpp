// How well a bus carries: failures per read, wrong bytes, and its speed. Reads only. Protocol 2, 3.3, 14.1.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "commissioning/finding.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

struct LinkQuality {
  unsigned reads = 0;
  unsigned not_acknowledged = 0;
  unsigned timed_out = 0;
  unsigned failed_otherwise = 0;  ///< arbitration, I/O errors
  unsigned wrong = 0;             ///< acknowledged, and another byte than the constant register holds

  [[nodiscard]] double failure_rate() const {
    return reads == 0 ? 0.0 : static_cast<double>(not_acknowledged + timed_out + failed_otherwise + wrong) / reads;
  }
};

/// `reads` single-byte reads of a register that never changes, without any retry. Blocks for some 0.5 ms each. Errors: those that
/// end a bus (bus_missing, bus_permission).
[[nodiscard]] Result<LinkQuality> measure_quality(const ModuleLink& module, unsigned reads);
[[nodiscard]] Finding judge_quality(const LinkQuality& quality, I2cAddress module);

/// Bits per second, from the fastest of several long reads; somewhat less than the clock, since the adapter's own pauses count.
/// Errors: bus_*.
[[nodiscard]] Result<double> measure_speed(const ModuleLink& module);
[[nodiscard]] Finding judge_speed(double bits_per_second);

/// What pull-ups this many modules want: each brings 4.7 kilo-ohms of its own.
[[nodiscard]] Finding advise_pull_ups(std::size_t modules);

}  // namespace rbamp::commissioning
