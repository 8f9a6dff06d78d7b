// What a module shows, read without writing anything: the material for "did my latch land?" and "what happened while I was away?"
#pragma once

#include <cstddef>
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

/// True when UPTIME_S ran back. A few seconds prove nothing: the higher value may have had a wrong bit; a restart that young shows its flag.
[[nodiscard]] constexpr bool ran_back(std::uint32_t uptime_before, std::uint32_t uptime_s) {
  return uptime_s + 5 < uptime_before;
}

/// UPTIME_S may run slow, to 0.70: one that grew by less (0.60, to be sure) was restarted meanwhile, even when it is higher than before
/// and the flag that told of it was cleared together with an older one.
[[nodiscard]] constexpr bool fell_behind(std::uint32_t uptime_before, std::uint32_t uptime_s, Microseconds passed) {
  return Microseconds{std::chrono::seconds{uptime_s}} + std::chrono::seconds{2} <
         Microseconds{std::chrono::seconds{uptime_before}} + passed * 6 / 10;
}

/// Healthy range of chip time over master time. Protocol 11.3, D35.
inline constexpr double slowest_chip_clock = 0.70;
inline constexpr double fastest_chip_clock = 1.05;

/// True when the flag of a restart that is known could not be cleared and would hide another one in the time that passed: the module is
/// not proven to have been up before.
[[nodiscard]] constexpr bool may_hide_restart(const Evidence& seen, Microseconds passed) {
  return seen.reset_flag && !was_up_before(seen.uptime_s, passed);
}

/// True when LATCH_MS says that the snapshot closed a period of about this length.
[[nodiscard]] constexpr bool fits_length(const SnapshotWitness& witness, Microseconds length) {
  const auto chip_ms = static_cast<double>(latch_ms_of(witness));
  const auto length_ms = static_cast<double>(length.count()) / 1000.0;
  constexpr double slack_ms = 1000.0;
  if (chip_ms == 0.0) return false;  // an empty latch, or a restart, cleared it
  return chip_ms + slack_ms >= length_ms * slowest_chip_clock && chip_ms <= length_ms * fastest_chip_clock + slack_ms;
}

/// True when the averages are those of another snapshot, whatever LATCH_MS shows, which an empty latch may have written.
[[nodiscard]] constexpr bool shows_other_averages(const SnapshotWitness& seen, const SnapshotWitness& last) {
  for (std::size_t i = 0; i < 16; ++i) {
    if (seen[i] != last[i]) return latch_ms_of(seen) != 0;
  }
  return false;
}

/// True when a look says what one wrong bit on the wire can make up and what would cost energy when it is believed: a restart, an
/// empty latch, a counter that runs back or jumps ahead. Such a look counts only when the next one says the same (protocol 10.1).
[[nodiscard]] constexpr bool is_surprising(const Evidence& seen, const Evidence& last) {
  if (seen.reset_flag || !seen.is_valid || seen.uptime_s < last.uptime_s || seen.reset_cause != last.reset_cause) return true;
  if (fell_behind(last.uptime_s, seen.uptime_s, seen.now.at - last.now.at)) return true;
  return was_up_before(seen.uptime_s - last.uptime_s, seen.now.at - last.now.at);
}

/// True when a look tells of a restart that the one before it did not.
[[nodiscard]] constexpr bool shows_new_restart(const Evidence& seen, const Evidence& last) {
  return (seen.reset_flag && !last.reset_flag) || seen.uptime_s < last.uptime_s;
}

/// True when two looks, one right after the other, tell the same story.
[[nodiscard]] constexpr bool is_same_story(const Evidence& first, const Evidence& second) {
  return first.reset_flag == second.reset_flag && first.period_ready == second.period_ready &&
         first.is_valid == second.is_valid && first.reset_cause == second.reset_cause && first.gc_tick == second.gc_tick &&
         second.uptime_s >= first.uptime_s && second.uptime_s - first.uptime_s <= 1;
}

}  // namespace rbamp::metering
