#include "metering/latch_verdict.hpp"

namespace rbamp::metering {
namespace {

/// Anything that only a new latch can have changed.
bool shows_new_snapshot(const BeforeLatch& before, const Evidence& seen) {
  return seen.witness != before.witness || (before.ready_was_acknowledged && seen.period_ready);
}

LatchOutcome landed(const LatchAttempt& attempt, const BeforeLatch& before, const Evidence& seen) {
  if (!seen.is_valid) return LatchOutcome::empty;
  if (shows_new_snapshot(before, seen)) return LatchOutcome::closed;
  // Landed, yet the old bytes: either not visible yet, or two periods that are equal to the last bit.
  if (!attempt.is_last_look) return LatchOutcome::unclear;
  return LatchOutcome::closed;
}

}  // namespace

LatchOutcome judge_latch(const LatchAttempt& attempt, const BeforeLatch& before, const Evidence& seen) {
  if (seen.uptime_s < before.uptime_s) return LatchOutcome::reset;
  if (seen.reset_flag && before.reset_was_acknowledged && !was_up_before(seen.uptime_s, before.age)) return LatchOutcome::reset;

  if (attempt.kind == LatchKind::broadcast) {
    // The tick is the witness; VALID stays 1 from the latch before and proves nothing (D8).
    return seen.gc_tick == attempt.gc_tick ? landed(attempt, before, seen) : LatchOutcome::missed;
  }
  if (shows_new_snapshot(before, seen)) return landed(attempt, before, seen);
  if (!attempt.write_failed) {
    if (!seen.is_valid) return LatchOutcome::empty;
    if (!attempt.is_last_look) return LatchOutcome::unclear;
    // Acknowledged on the wire, but nothing changed. Believe the flag only where it is known to work.
    return before.ready_flag_is_proven && before.ready_was_acknowledged ? LatchOutcome::missed : LatchOutcome::closed;
  }
  return attempt.is_last_look ? LatchOutcome::missed : LatchOutcome::unclear;
}

}  // namespace rbamp::metering
