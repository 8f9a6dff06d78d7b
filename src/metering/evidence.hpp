// What a module shows, read without writing anything: the material for "did my latch land?" and "what happened while I was away?"
#pragma once

#include <cstdint>

#include "metering/anchor.hpp"

namespace rbamp::metering {

/// One coherent look at a module. Protocol 10.2 steps 3 to 8, 12.1.
struct Evidence {
  Instant now;                 ///< when it was read
  bool reset_flag = false;     ///< EVENT_FLAGS bit 5, not cleared since boot
  bool period_ready = false;   ///< EVENT_FLAGS bit 0: a snapshot was taken and not acknowledged
  bool is_valid = false;       ///< PERIOD_VALID bit 0: outcome of the last latch, whoever sent it
  std::uint32_t uptime_s = 0;  ///< may run slow: the true age is in [uptime, uptime / 0.70]
  std::uint8_t reset_cause = 0;
  std::uint16_t gc_tick = no_gc_tick;
  SnapshotWitness witness{};
  std::uint32_t commit_count = 0;
};

/// LATCH_MS out of the witness bytes: chip time between the last two latches.
[[nodiscard]] constexpr std::uint32_t latch_ms_of(const SnapshotWitness& witness) {
  return static_cast<std::uint32_t>(witness[16]) | (static_cast<std::uint32_t>(witness[17]) << 8U) |
         (static_cast<std::uint32_t>(witness[18]) << 16U) | (static_cast<std::uint32_t>(witness[19]) << 24U);
}

/// UPTIME_S may run slow, never more than 5 % fast: a module that counts more than the time that passed was up before, and was
/// not restarted meanwhile, whatever a flag says that could not be cleared.
[[nodiscard]] constexpr bool was_up_before(std::uint32_t uptime_s, Microseconds passed) {
  return Microseconds{std::chrono::seconds{uptime_s}} > passed + passed / 20 + std::chrono::seconds{1};
}

/// Healthy range of chip time over master time. Protocol 11.3, D35.
inline constexpr double slowest_chip_clock = 0.70;
inline constexpr double fastest_chip_clock = 1.05;

}  // namespace rbamp::metering
