// Did a latch land? Pure. Protocol 10.2, 11.4, 13.2 and 14.2.
#pragma once

#include <cstdint>
#include <optional>

#include "metering/evidence.hpp"

namespace rbamp::metering {

enum class LatchOutcome : std::uint8_t {
  closed,  ///< the period is closed and its snapshot is what was read
  empty,   ///< landed without a window to average, after nothing else: the accumulator and the anchor stay (protocol 11.4)
  missed,  ///< did not reach the module; nothing changed there
  /// The bytes are those of the snapshot before and PERIOD_READY is not set, or VALID is 0: the snapshot may be on its way. Look again
  /// after `unclear_wait`.
  unclear,
  reset,  ///< the module restarted since the anchor
};

/// A flag may come up to 300 ms after the latch. Protocol 9.1, 12.1.
inline constexpr Microseconds unclear_wait = std::chrono::milliseconds{300};

struct LatchAttempt {
  LatchKind kind = LatchKind::direct;
  std::uint16_t gc_tick = no_gc_tick;
  bool write_failed = false;  ///< the adapter reported an error; the write may have landed all the same
  bool is_last_look = false;  ///< `unclear` has been waited for already
};

/// What was known before the latch was sent.
struct BeforeLatch {
  SnapshotWitness witness{};
  std::uint32_t uptime_s = 0;
  Microseconds age{};                  ///< time from then to the look that is judged
  bool reset_was_acknowledged = true;  ///< bit 5 had been cleared: if it is set now, the module restarted
  bool ready_was_acknowledged = true;  ///< PERIOD_READY had been cleared: if it is set now, a snapshot was taken
  bool ready_flag_is_proven = false;   ///< this module has been seen to set PERIOD_READY after a latch
  std::uint16_t gc_tick = no_gc_tick;  ///< as the last look showed it
  /// From the begin of the running period to the latch; none: unknown, or LATCH_MS does not follow it.
  std::optional<Microseconds> running = std::nullopt;
};

[[nodiscard]] LatchOutcome judge_latch(const LatchAttempt& attempt, const BeforeLatch& before, const Evidence& seen);

}  // namespace rbamp::metering
