#include "metering/latch_verdict.hpp"

namespace rbamp::metering {
namespace {

/// False when the old bytes cannot be those of a second, equal period: LATCH_MS says that theirs was of another length.
bool may_be_equal_period(const BeforeLatch& before, const Evidence& seen) {
  return !before.running || fits_length(seen.witness, *before.running);
}

/// Anything that only a new latch can have changed.
bool shows_new_snapshot(const BeforeLatch& before, const Evidence& seen) {
  if (seen.witness != before.witness) return true;
  return before.ready_was_acknowledged && seen.period_ready && may_be_equal_period(before, seen);
}

/// VALID is 0, so the last latch was empty. A good one before it, since the last look, closed the period all the same (protocol 12.3 F): ours
/// when its length fits, and when it does not, a stranger's, which the length tells, too.
LatchOutcome was_empty(const LatchAttempt& attempt, const BeforeLatch& before, const Evidence& seen) {
  if (!attempt.is_last_look) return LatchOutcome::unclear;
  return shows_other_averages(seen.witness, before.witness) ? LatchOutcome::closed : LatchOutcome::empty;
}

LatchOutcome landed(const LatchAttempt& attempt, const BeforeLatch& before, const Evidence& seen) {
  if (!seen.is_valid) return was_empty(attempt, before, seen);
  if (shows_new_snapshot(before, seen)) return LatchOutcome::closed;
  // Landed, yet the old bytes: either not visible yet, or two periods that are equal to the last bit.
  if (!attempt.is_last_look) return LatchOutcome::unclear;
  return LatchOutcome::closed;
}

/// Another master's frame came right after ours and found no window to average: the tick is its own, the snapshot that of our period, as
/// LATCH_MS says. To latch once more would replace it by the average of a moment.
bool is_ours_under_another_tick(const BeforeLatch& before, const Evidence& seen) {
  if (seen.gc_tick == no_gc_tick || seen.gc_tick == before.gc_tick) return false;
  return shows_other_averages(seen.witness, before.witness) && before.running && fits_length(seen.witness, *before.running);
}

}  // namespace

LatchOutcome judge_latch(const LatchAttempt& attempt, const BeforeLatch& before, const Evidence& seen) {
  const bool was_reset = ran_back(before.uptime_s, seen.uptime_s) || fell_behind(before.uptime_s, seen.uptime_s, before.age) ||
                         (seen.reset_flag && before.reset_was_acknowledged && !was_up_before(seen.uptime_s, before.age));
  // The latch may have come after the restart, and its snapshot may still be on its way.
  if (was_reset) return seen.is_valid || attempt.is_last_look ? LatchOutcome::reset : LatchOutcome::unclear;

  if (attempt.kind == LatchKind::broadcast) {
    // The tick is the witness; VALID stays 1 from the latch before and proves nothing (D8).
    if (seen.gc_tick == attempt.gc_tick) return landed(attempt, before, seen);
    return is_ours_under_another_tick(before, seen) ? landed(attempt, before, seen) : LatchOutcome::missed;
  }
  if (shows_new_snapshot(before, seen)) return landed(attempt, before, seen);
  if (!attempt.write_failed) {
    if (!seen.is_valid) return was_empty(attempt, before, seen);
    if (!attempt.is_last_look) return LatchOutcome::unclear;
    if (!may_be_equal_period(before, seen)) return LatchOutcome::missed;
    // Acknowledged on the wire, but nothing changed. Believe the flag only where it is known to work.
    return before.ready_flag_is_proven && before.ready_was_acknowledged ? LatchOutcome::missed : LatchOutcome::closed;
  }
  return attempt.is_last_look ? LatchOutcome::missed : LatchOutcome::unclear;
}

}  // namespace rbamp::metering
