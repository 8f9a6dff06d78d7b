// What must be known to go on after a restart: the end of the last booked period, and the write-ahead intent. Protocol 12.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "metering/instant.hpp"

namespace rbamp::metering {

/// The bytes that prove which snapshot a module shows: AVG_P ch0..ch2, MAX_P, LATCH_MS as read, little-endian. Protocol 12.2:
/// 0xBE and 0xCA are left out because sources disagree on whether they are latched.
using SnapshotWitness = std::array<std::uint8_t, 20>;

inline constexpr std::uint16_t no_gc_tick = 0xFFFF;

/// End of the last period that is booked for one chip, and the module's state then.
struct Anchor {
  Instant at;
  Microseconds uncertainty{};  ///< duration of the latch write, or more after an estimate
  SnapshotWitness witness{};
  std::uint32_t commit_count = 0;  ///< 0xBE as read; live or latched depends on the firmware (protocol D10)
  std::uint32_t uptime_s = 0;      ///< at `at`; when it was read later, the least that it can have been then
  std::uint16_t gc_tick = no_gc_tick;
  bool is_valid_snapshot = true;  ///< PERIOD_VALID bit 0 at that read
  /// RESET_OCCURRED was set at that read. It is cleared only after this is durable, so that a set flag alone does not prove
  /// another restart.
  bool is_reset_pending = false;
};

enum class LatchKind : std::uint8_t { direct = 0, broadcast = 1 };

/// `gc_tick` of a direct intent: PERIOD_READY was set already, so that it does not prove this latch.
inline constexpr std::uint16_t ready_was_set = 0;

/// Written before a latch is sent. `armed` = false: planned together with the previous round (durable even across a power
/// cut), not sent by this process as far as it knew; true: about to be sent.
struct Intent {
  Instant at;  ///< when the latch was, or is planned to be, sent
  LatchKind kind = LatchKind::direct;
  std::uint16_t gc_tick = no_gc_tick;  ///< of a broadcast; of a direct latch: no_gc_tick, or ready_was_set
  bool is_armed = false;
  /// RESET_OCCURRED of the last booked restart had been cleared when this was armed: one that is set now is another restart's.
  bool reset_was_cleared = false;
};

}  // namespace rbamp::metering
