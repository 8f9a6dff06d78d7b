#include "metering/latch_verdict.hpp"

#include "support/catch.hpp"

using namespace rbamp::metering;

namespace {

constexpr SnapshotWitness old_bytes{1, 2, 3};
constexpr SnapshotWitness new_bytes{4, 5, 6};

Evidence seen(const SnapshotWitness& witness) {
  Evidence evidence;
  evidence.is_valid = true;
  evidence.uptime_s = 100;
  evidence.gc_tick = 7;
  evidence.witness = witness;
  return evidence;
}

constexpr BeforeLatch before{old_bytes, 40, std::chrono::seconds{100}, true, true, true};
constexpr LatchAttempt direct{LatchKind::direct, no_gc_tick, false, false};
constexpr LatchAttempt failed_direct{LatchKind::direct, no_gc_tick, true, false};
constexpr LatchAttempt broadcast{LatchKind::broadcast, 7, false, false};

LatchAttempt last_look(LatchAttempt attempt) {
  attempt.is_last_look = true;
  return attempt;
}

}  // namespace

TEST_CASE("new bytes mean that the period is closed, also after a write that was reported as failed") {
  CHECK(judge_latch(direct, before, seen(new_bytes)) == LatchOutcome::closed);
  CHECK(judge_latch(failed_direct, before, seen(new_bytes)) == LatchOutcome::closed);
}

TEST_CASE("the flag alone proves a latch whose snapshot equals the one before") {
  auto evidence = seen(old_bytes);
  evidence.period_ready = true;
  CHECK(judge_latch(failed_direct, before, evidence) == LatchOutcome::closed);
}

TEST_CASE("a flag that was not cleared before proves nothing") {
  auto evidence = seen(old_bytes);
  evidence.period_ready = true;
  auto unacknowledged = before;
  unacknowledged.ready_was_acknowledged = false;
  CHECK(judge_latch(last_look(failed_direct), unacknowledged, evidence) == LatchOutcome::missed);
}

TEST_CASE("a failed write without a trace is looked at again before it counts as missed") {
  CHECK(judge_latch(failed_direct, before, seen(old_bytes)) == LatchOutcome::unclear);
  CHECK(judge_latch(last_look(failed_direct), before, seen(old_bytes)) == LatchOutcome::missed);
}

TEST_CASE("an acknowledged write without a trace: the flag decides where it is known to work, else the wire is believed") {
  CHECK(judge_latch(direct, before, seen(old_bytes)) == LatchOutcome::unclear);
  CHECK(judge_latch(last_look(direct), before, seen(old_bytes)) == LatchOutcome::missed);
  auto unproven = before;
  unproven.ready_flag_is_proven = false;
  CHECK(judge_latch(last_look(direct), unproven, seen(old_bytes)) == LatchOutcome::closed);
}

TEST_CASE("the tick is the witness of a broadcast, PERIOD_VALID is not (D8)") {
  CHECK(judge_latch(broadcast, before, seen(new_bytes)) == LatchOutcome::closed);
  auto other_tick = seen(new_bytes);
  other_tick.gc_tick = 6;
  CHECK(judge_latch(broadcast, before, other_tick) == LatchOutcome::missed);
}

TEST_CASE("another master's frame right after ours changes the tick, and the snapshot of our whole period is still ours") {
  constexpr std::uint32_t minute_ms = 60'000;
  auto after = seen({9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, minute_ms & 0xFF, (minute_ms >> 8) & 0xFF});
  after.gc_tick = 31;
  auto known = before;
  known.gc_tick = 6;
  known.running = std::chrono::seconds{60};
  CHECK(judge_latch(broadcast, known, after) == LatchOutcome::closed);
  after.is_valid = false;  // theirs found no window
  CHECK(judge_latch(broadcast, known, after) == LatchOutcome::unclear);
  CHECK(judge_latch(last_look(broadcast), known, after) == LatchOutcome::closed);

  after.is_valid = true;
  after.witness[16] = 20;  // what theirs closed is a moment: ours was there before it, and is gone
  after.witness[17] = 0;
  CHECK(judge_latch(broadcast, known, after) == LatchOutcome::missed);
  after.witness = old_bytes;
  CHECK(judge_latch(broadcast, known, after) == LatchOutcome::missed);
}

TEST_CASE("a landed broadcast whose snapshot is not visible yet is waited for") {
  CHECK(judge_latch(broadcast, before, seen(old_bytes)) == LatchOutcome::unclear);
  CHECK(judge_latch(last_look(broadcast), before, seen(old_bytes)) == LatchOutcome::closed);
}

TEST_CASE("VALID = 0 after a latch that landed is an empty latch, once the snapshot had time to come") {
  auto evidence = seen(old_bytes);
  evidence.is_valid = false;
  for (const auto& attempt : {direct, broadcast}) {
    CHECK(judge_latch(attempt, before, evidence) == LatchOutcome::unclear);
    CHECK(judge_latch(last_look(attempt), before, evidence) == LatchOutcome::empty);
  }
}

TEST_CASE("old bytes of another length are no second, equal period, whatever the flag or the wire says") {
  auto evidence = seen(old_bytes);
  evidence.period_ready = true;
  auto known = before;
  known.ready_flag_is_proven = false;
  known.running = std::chrono::seconds{600};
  CHECK(judge_latch(last_look(direct), known, evidence) == LatchOutcome::missed);
  CHECK(judge_latch(last_look(failed_direct), known, evidence) == LatchOutcome::missed);
}

TEST_CASE("after a restart the snapshot of a latch that came later is waited for") {
  auto evidence = seen(new_bytes);
  evidence.reset_flag = true;
  evidence.is_valid = false;
  CHECK(judge_latch(direct, before, evidence) == LatchOutcome::unclear);
  CHECK(judge_latch(last_look(direct), before, evidence) == LatchOutcome::reset);
}

TEST_CASE("a counter that fell behind tells of a restart whose flag was cleared with an older one") {
  auto evidence = seen(new_bytes);
  evidence.uptime_s = 60;  // 20 s more after 100 s
  CHECK(judge_latch(direct, before, evidence) == LatchOutcome::reset);
}

TEST_CASE("a restart outweighs everything else") {
  auto by_flag = seen(new_bytes);
  by_flag.reset_flag = true;
  CHECK(judge_latch(direct, before, by_flag) == LatchOutcome::reset);
  auto by_uptime = seen(new_bytes);
  by_uptime.uptime_s = 3;
  CHECK(judge_latch(broadcast, before, by_uptime) == LatchOutcome::reset);
}

TEST_CASE("a reset flag on a module that has been up longer than we looked away was only not cleared") {
  auto evidence = seen(new_bytes);
  evidence.reset_flag = true;
  evidence.uptime_s = 107;
  CHECK(judge_latch(direct, before, evidence) == LatchOutcome::closed);
  evidence.uptime_s = 106;
  CHECK(judge_latch(direct, before, evidence) == LatchOutcome::reset);
}

TEST_CASE("a reset flag that could not be cleared yet is no new restart") {
  auto evidence = seen(new_bytes);
  evidence.reset_flag = true;
  auto uncleared = before;
  uncleared.reset_was_acknowledged = false;
  CHECK(judge_latch(direct, uncleared, evidence) == LatchOutcome::closed);
}

TEST_CASE("an empty latch behind a good one, since the last look, leaves the good one's snapshot: the period is closed") {
  SnapshotWitness filled = new_bytes;
  filled[17] = 0xAD;  // LATCH_MS is not 0
  auto empty = seen(filled);
  empty.is_valid = false;
  for (const auto& attempt : {direct, failed_direct, broadcast}) {
    CHECK(judge_latch(attempt, before, empty) == LatchOutcome::unclear);
    CHECK(judge_latch(last_look(attempt), before, empty) == LatchOutcome::closed);
  }
}

TEST_CASE("an empty latch that wrote LATCH_MS, or cleared everything, closed nothing") {
  auto counted = old_bytes;
  counted[16] = 120;
  for (const auto& bytes : {counted, SnapshotWitness{}}) {
    auto empty = seen(bytes);
    empty.is_valid = false;
    CHECK(judge_latch(last_look(direct), before, empty) == LatchOutcome::empty);
  }
}
