// Protocol 12.3, row by row and with each piece of evidence missing.
#include "metering/restart.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr BootId this_boot{BootId::Bytes{1}};
constexpr BootId other_boot{BootId::Bytes{2}};
constexpr UtcTime epoch{seconds{1'800'000'000}};

Instant at(seconds boot_clock, BootId boot = this_boot, bool trusted = true) {
  return {boot, BootTime{boot_clock}, epoch + boot_clock, trusted};
}

SnapshotWitness witness(std::uint8_t mean, std::uint32_t latch_ms) {
  SnapshotWitness bytes{};
  bytes[0] = mean;
  for (unsigned i = 0; i < 4; ++i) bytes[16 + i] = static_cast<std::uint8_t>(latch_ms >> (8U * i));
  return bytes;
}

// A period of 60 s was booked at boot clock 1000; the chip's clock runs at 0.74.
Anchor anchor_at_1000() {
  Anchor anchor;
  anchor.at = at(seconds{1000});
  anchor.witness = witness(1, 44'400);
  anchor.uptime_s = 5000;
  anchor.gc_tick = 41;
  return anchor;
}

Evidence unchanged_at(seconds when) {
  Evidence seen;
  seen.now = at(when);
  seen.is_valid = true;
  seen.uptime_s = static_cast<std::uint32_t>(5000 + (when.count() - 1000));
  seen.gc_tick = 41;
  seen.witness = witness(1, 44'400);
  return seen;
}

Intent direct_at(seconds when, bool armed = true) { return {at(when), LatchKind::direct, no_gc_tick, armed}; }
Intent broadcast_at(seconds when, bool armed = true) { return {at(when), LatchKind::broadcast, 42, armed}; }

}  // namespace

TEST_CASE("E: a chip without an anchor needs a primer") {
  const auto decision = decide_restart(std::nullopt, std::nullopt, unchanged_at(seconds{1090}));
  CHECK(decision.which == RestartCase::e);
  CHECK_FALSE(decision.running);
  CHECK_FALSE(decision.bill_snapshot);
}

TEST_CASE("A: an unchanged snapshot without intent means that the module went on averaging, to the microsecond") {
  const auto decision = decide_restart(anchor_at_1000(), std::nullopt, unchanged_at(seconds{1090}));
  CHECK(decision.which == RestartCase::a);
  REQUIRE(decision.running);
  CHECK(decision.running->since_here == BootTime{seconds{1000}});
  CHECK(decision.running->quality == Quality::recovered);
  CHECK(decision.running->reason == Reason::own_downtime);
  CHECK_FALSE(decision.bill_snapshot);
  CHECK_FALSE(decision.gap);
}

TEST_CASE("A: the module was away while we ran: exact time is measured, not recovered") {
  const auto decision = decide_restart(anchor_at_1000(), std::nullopt, unchanged_at(seconds{1090}), Absence::module_was_away);
  REQUIRE(decision.running);
  CHECK(decision.running->quality == Quality::measured);
  CHECK(decision.running->reason == Reason::none);
}

TEST_CASE("A: a planned latch that was never armed in this boot was not sent") {
  auto seen = unchanged_at(seconds{1090});
  seen.period_ready = true;  // the flag of the recorded snapshot, whose acknowledgement the crash prevented
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1060}, false), seen).which == RestartCase::a);
}

TEST_CASE("A: longer than the documented hour is recovered and says so") {
  const auto decision = decide_restart(anchor_at_1000(), std::nullopt, unchanged_at(seconds{1000} + hours{2}));
  REQUIRE(decision.running);
  CHECK(decision.running->quality == Quality::recovered);
  CHECK_FALSE(decision.running->note.empty());
}

TEST_CASE("A': an armed latch that left no trace never landed") {
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1060}), unchanged_at(seconds{1090})).which == RestartCase::a_prime);
  CHECK(decide_restart(anchor_at_1000(), broadcast_at(seconds{1060}), unchanged_at(seconds{1090})).which == RestartCase::a_prime);
}

TEST_CASE("B: a new snapshot and an intent: it is billed up to the intent, and the rest runs on") {
  auto seen = unchanged_at(seconds{1090});
  seen.witness = witness(2, 44'380);
  seen.period_ready = true;
  const auto decision = decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen);
  CHECK(decision.which == RestartCase::b);
  REQUIRE(decision.bill_snapshot);
  CHECK(decision.bill_snapshot->span.length == seconds{60});
  CHECK(decision.bill_snapshot->quality == Quality::recovered);
  REQUIRE(decision.running);
  CHECK(decision.running->since_here == BootTime{seconds{1060}});
}

TEST_CASE("B: the flag alone proves an armed latch whose snapshot equals the last to the bit") {
  auto seen = unchanged_at(seconds{1090});
  seen.period_ready = true;
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen).which == RestartCase::b);
}

TEST_CASE("B2: the broadcast's own tick proves it, even with equal bytes") {
  auto seen = unchanged_at(seconds{1090});
  seen.gc_tick = 42;
  const auto decision = decide_restart(anchor_at_1000(), broadcast_at(seconds{1060}), seen);
  CHECK(decision.which == RestartCase::b2);
  CHECK(decision.bill_snapshot->span.length == seconds{60});
}

TEST_CASE("C: a changed snapshot without any intent, or with another tick than ours, is a stranger's") {
  auto seen = unchanged_at(seconds{1090});
  seen.witness = witness(2, 20'000);
  const auto without = decide_restart(anchor_at_1000(), std::nullopt, seen);
  CHECK(without.which == RestartCase::c);
  CHECK(without.latched_by_stranger);
  CHECK(without.running->quality == Quality::estimated);
  CHECK(without.running->reason == Reason::foreign_latch);
  CHECK(without.running->since_here == BootTime{seconds{1000}});

  CHECK(decide_restart(anchor_at_1000(), broadcast_at(seconds{1060}), seen).which == RestartCase::c);
}

TEST_CASE("D: each sign of a reset makes a gap, never a stretched average") {
  auto anchor = anchor_at_1000();
  auto seen = unchanged_at(seconds{1090});
  const auto sign = GENERATE(0, 1, 2);
  if (sign == 0) seen.reset_flag = true;
  if (sign == 1) seen.uptime_s = 12;
  if (sign == 2) seen.gc_tick = no_gc_tick;
  if (sign == 0) {
    anchor.uptime_s = 5;  // young then as now: the counter alone does not tell
    seen.uptime_s = 60;
  }
  const auto decision = decide_restart(anchor, std::nullopt, seen);
  CHECK(decision.which == RestartCase::d);
  REQUIRE(decision.gap);
  CHECK(decision.gap->quality == Quality::gap);
  CHECK(decision.gap->reason == Reason::module_reset);
  REQUIRE(decision.running);
  CHECK(decision.running->quality == Quality::estimated);
  CHECK(decision.gap->span.begin.at == BootTime{seconds{1000}});
  CHECK(decision.gap->span.end.at == decision.running->since_here);
  CHECK(decision.gap->span.length + (seen.now.at - decision.running->since_here) == seconds{90});
}

TEST_CASE("D: the module's uptime is the shortest time since its restart, and only that is billed") {
  auto seen = unchanged_at(seconds{1090});
  seen.reset_flag = true;
  seen.uptime_s = 12;
  const auto decision = decide_restart(anchor_at_1000(), std::nullopt, seen);
  CHECK(decision.running->since_here == BootTime{seconds{1078}});
  CHECK(decision.gap->span.length == seconds{78});
  CHECK(decision.gap->note.find("between 0 and 499 Wh") != std::string::npos);  // 23 kW x 78 s = 498.3 Wh
}

TEST_CASE("F: an empty latch keeps the accumulator, with and without an intent") {
  auto seen = unchanged_at(seconds{1090});
  seen.is_valid = false;
  CHECK(decide_restart(anchor_at_1000(), std::nullopt, seen).which == RestartCase::f);
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen).which == RestartCase::f);
  seen.gc_tick = 42;
  CHECK(decide_restart(anchor_at_1000(), broadcast_at(seconds{1060}), seen).which == RestartCase::f);
}

TEST_CASE("F: changed bytes that fit the intent are a good latch that an empty one followed") {
  auto seen = unchanged_at(seconds{1090});
  seen.is_valid = false;
  seen.witness = witness(2, 44'000);
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen).which == RestartCase::b);
  seen.witness = witness(2, 200);
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen).which == RestartCase::f);
}

TEST_CASE("across host boots UTC gives the time when it was trusted at both ends") {
  auto anchor = anchor_at_1000();
  anchor.at = at(seconds{1000}, other_boot);
  auto seen = unchanged_at(seconds{1090});
  seen.now = {this_boot, BootTime{seconds{20}}, epoch + seconds{1090}, true};
  const auto decision = decide_restart(anchor, std::nullopt, seen);
  CHECK(decision.which == RestartCase::a);
  CHECK(decision.running->quality == Quality::recovered);
  CHECK(decision.running->since_here == BootTime{seconds{20 - 90}});
}

TEST_CASE("across host boots without a trusted clock the time is estimated within the module's own bounds") {
  auto anchor = anchor_at_1000();
  anchor.at = at(seconds{1000}, other_boot, true);
  auto seen = unchanged_at(seconds{1090});
  seen.now = {this_boot, BootTime{seconds{20}}, UtcTime{seconds{100}}, false};  // 1970
  const auto decision = decide_restart(anchor, std::nullopt, seen);
  REQUIRE(decision.running);
  CHECK(decision.running->quality == Quality::estimated);
  CHECK(decision.running->reason == Reason::clock_untrusted);
  CHECK(decision.running->note.find("between 84 s and 130 s") != std::string::npos);  // (90 -+ 1) / 1.05 and / 0.70
  const auto length = seen.now.at - decision.running->since_here;
  CHECK(length >= seconds{84});
  CHECK(length <= seconds{130});
}

TEST_CASE("across host boots an intent whose time had not come was not sent") {
  auto anchor = anchor_at_1000();
  anchor.at = at(seconds{1000}, other_boot);
  auto intent = direct_at(seconds{1060}, false);
  intent.at.boot = other_boot;
  auto seen = unchanged_at(seconds{1030});
  seen.now = {this_boot, BootTime{seconds{20}}, epoch + seconds{1030}, true};
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::a);
  seen.now.utc = epoch + seconds{1090};
  seen.uptime_s = 5090;
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::a_prime);
  seen.witness = witness(2, 44'380);
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::b);
}

TEST_CASE("a period that begins at a module's restart stays an estimate across our own restart") {
  auto anchor = anchor_at_1000();
  anchor.uncertainty = seconds{30};
  const auto decision = decide_restart(anchor, std::nullopt, unchanged_at(seconds{1090}));
  CHECK(decision.running->quality == Quality::estimated);
}

TEST_CASE("TV18: crash case B of the specification bills 20.575 Wh for the unread minute") {
  auto seen = unchanged_at(seconds{1090});
  seen.witness = witness(9, 44'380);
  seen.period_ready = true;
  const auto decision = decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen);
  REQUIRE(decision.bill_snapshot);
  const auto hours_billed = std::chrono::duration_cast<Hours>(decision.bill_snapshot->span.length);
  CHECK((Watts{1234.5} * hours_billed).value() == Approx(20.575).epsilon(1e-12));
}

TEST_CASE("TV19: crash case D of the specification is a gap up to the module's boot, and the next period begins there") {
  auto anchor = anchor_at_1000();
  anchor.uptime_s = 86400;
  auto seen = unchanged_at(seconds{1090});
  seen.uptime_s = 12;
  seen.reset_flag = true;
  seen.gc_tick = no_gc_tick;
  seen.is_valid = false;
  const auto decision = decide_restart(anchor, std::nullopt, seen);
  CHECK(decision.which == RestartCase::d);
  CHECK_FALSE(decision.bill_snapshot);
  REQUIRE(decision.gap);
  CHECK(decision.gap->span.begin.at == BootTime{seconds{1000}});
  CHECK(decision.gap->span.end.at == BootTime{seconds{1078}});
  REQUIRE(decision.running);
  CHECK(decision.running->since_here == BootTime{seconds{1078}});
}

TEST_CASE("a reset flag that was recorded but not cleared before we died is no second restart") {
  auto anchor = anchor_at_1000();
  anchor.is_reset_pending = true;
  auto seen = unchanged_at(seconds{1090});
  seen.reset_flag = true;
  CHECK(decide_restart(anchor, std::nullopt, seen).which == RestartCase::a);
  seen.is_valid = false;  // an empty latch, on a module that was up long before
  CHECK(decide_restart(anchor, std::nullopt, seen).which == RestartCase::f);

  anchor.uptime_s = 2;  // fresh then: now the flag, VALID and the counter all fit a restart
  seen.uptime_s = 60;
  CHECK(decide_restart(anchor, std::nullopt, seen).which == RestartCase::d);
}

TEST_CASE("A: an intent that is not later than the last booking was settled by it, and bills nothing") {
  auto seen = unchanged_at(seconds{1090});
  seen.period_ready = true;  // not acknowledged before we died
  seen.witness = witness(1, 0);
  auto anchor = anchor_at_1000();
  anchor.witness = seen.witness;
  for (const auto when : {seconds{1000}, seconds{999}}) {
    const auto decision = decide_restart(anchor, direct_at(when), seen);
    CHECK(decision.which == RestartCase::a);
    CHECK_FALSE(decision.bill_snapshot);
    CHECK(decision.running->since_here == BootTime{seconds{1000}});
  }
}

TEST_CASE("B: while the flag of a known restart stands, a period of a module that may have restarted again is an estimate") {
  auto anchor = anchor_at_1000();
  anchor.is_reset_pending = true;
  anchor.uptime_s = 6;
  auto seen = unchanged_at(seconds{1025});
  seen.reset_flag = true;
  seen.period_ready = true;
  seen.uptime_s = 24;  // slow by a quarter, or young by a second restart
  seen.witness = witness(2, 2'689);
  const auto decision = decide_restart(anchor, direct_at(seconds{1005}), seen);
  CHECK(decision.which == RestartCase::b);
  CHECK(decision.bill_snapshot->quality == Quality::estimated);
  CHECK(decision.bill_snapshot->reason == Reason::module_reset);
  CHECK(decision.bill_snapshot->note == hidden_restart_note);
  CHECK(decision.running->quality == Quality::recovered);  // it was up since before that latch

  anchor.uptime_s = 5000;
  seen.uptime_s = 5025;
  CHECK(decide_restart(anchor, direct_at(seconds{1005}), seen).bill_snapshot->quality == Quality::recovered);
}

TEST_CASE("B: what begins at a module's restart is an estimate up to the intent, and what begins at our own latch is exact") {
  auto anchor = anchor_at_1000();
  anchor.uncertainty = seconds{30};
  auto seen = unchanged_at(seconds{1090});
  seen.witness = witness(2, 44'380);
  const auto decision = decide_restart(anchor, direct_at(seconds{1060}), seen);
  CHECK(decision.which == RestartCase::b);
  CHECK(decision.bill_snapshot->quality == Quality::estimated);
  CHECK(decision.bill_snapshot->reason == Reason::module_reset);
  CHECK(decision.running->quality == Quality::recovered);
}

TEST_CASE("C: a snapshot of another length than the intended one was not taken by the intended latch") {
  auto seen = unchanged_at(seconds{1090});
  seen.witness = witness(2, 14'800);  // 20 s of a chip at 0.74
  const auto decision = decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen);
  CHECK(decision.which == RestartCase::c);
  CHECK(decision.running->since_here == BootTime{seconds{1000}});
  CHECK(decision.running->quality == Quality::estimated);
}

TEST_CASE("B2: a tick proves our latch, not that it was the only one: another length makes it an estimate") {
  auto seen = unchanged_at(seconds{1090});
  seen.gc_tick = 42;
  seen.witness = witness(2, 14'800);
  const auto decision = decide_restart(anchor_at_1000(), broadcast_at(seconds{1060}), seen);
  CHECK(decision.which == RestartCase::b2);
  CHECK(decision.bill_snapshot->quality == Quality::estimated);
  CHECK(decision.bill_snapshot->reason == Reason::foreign_latch);
  CHECK(decision.running->since_here == BootTime{seconds{1060}});
  CHECK(decision.running->quality == Quality::recovered);
}

TEST_CASE("A': a flag that was set before the latch, or equal bytes of another length, do not prove it") {
  auto seen = unchanged_at(seconds{1090});
  seen.period_ready = true;
  auto intent = direct_at(seconds{1060});
  intent.gc_tick = ready_was_set;
  CHECK(decide_restart(anchor_at_1000(), intent, seen).which == RestartCase::a_prime);
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1010}), seen).which == RestartCase::a_prime);
}

TEST_CASE("D: a snapshot that was taken between the restart and our death is billed, as a lower bound") {
  auto seen = unchanged_at(seconds{1090});
  seen.reset_flag = true;
  seen.uptime_s = 50;
  seen.witness = witness(7, 14'800);
  const auto decision = decide_restart(anchor_at_1000(), direct_at(seconds{1060}), seen);
  CHECK(decision.which == RestartCase::d);
  CHECK(decision.gap->span.length == seconds{40});
  REQUIRE(decision.bill_snapshot);
  CHECK(decision.bill_snapshot->span.begin.at == BootTime{seconds{1040}});
  CHECK(decision.bill_snapshot->span.length == seconds{20});
  CHECK(decision.bill_snapshot->quality == Quality::estimated);
  CHECK(decision.running->since_here == BootTime{seconds{1060}});
  CHECK(decision.running->quality == Quality::recovered);
}

TEST_CASE("D: a module that counted much less than the time that passed was restarted, although its flag was cleared") {
  auto anchor = anchor_at_1000();
  anchor.uptime_s = 17;
  auto seen = unchanged_at(seconds{1030});
  seen.uptime_s = 30;
  CHECK(decide_restart(anchor, std::nullopt, seen).which == RestartCase::d);
  seen.uptime_s = 38;  // 21 s in 30: the slowest chip
  CHECK(decide_restart(anchor, std::nullopt, seen).which == RestartCase::a);
}

TEST_CASE("F: an empty latch that cleared the snapshot is no good latch before it") {
  auto seen = unchanged_at(seconds{1001});
  seen.is_valid = false;
  seen.witness = {};
  CHECK(decide_restart(anchor_at_1000(), direct_at(seconds{1001}), seen).which == RestartCase::f);
}

TEST_CASE("D: across host boots with a clock that nobody vouches for, the gap says that its length is not known") {
  auto seen = unchanged_at(seconds{40});
  seen.now = at(seconds{40}, other_boot, false);
  seen.now.utc = epoch;  // earlier than the anchor
  seen.reset_flag = true;
  seen.uptime_s = 35;
  const auto decision = decide_restart(anchor_at_1000(), std::nullopt, seen);
  REQUIRE(decision.which == RestartCase::d);
  REQUIRE(decision.gap);
  CHECK(decision.gap->note.find("not known") != std::string::npos);
  CHECK(decision.gap->note.find("between 0 and") == std::string::npos);
}

TEST_CASE("B: of two equal periods a counter that goes on after a latch tells which one the snapshot is of") {
  auto anchor = anchor_at_1000();
  anchor.commit_count = 0;
  auto intent = direct_at(seconds{1060});
  intent.gc_tick = ready_was_set;  // the flag of the period before was not acknowledged yet
  auto seen = unchanged_at(seconds{1090});
  seen.period_ready = true;
  seen.commit_count = 150;  // 30 s
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::b);
  seen.commit_count = 450;  // 90 s
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::a_prime);
  seen.commit_count = 0;  // latched firmware: equal for equal periods
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::a_prime);
}

TEST_CASE("D: a restart flag that was cleared before the latch was armed and is set again tells of another restart") {
  auto anchor = anchor_at_1000();
  anchor.is_reset_pending = true;
  anchor.uptime_s = 11;
  auto intent = direct_at(seconds{1028});
  auto seen = unchanged_at(seconds{1038});
  seen.uptime_s = 36;
  seen.reset_flag = true;
  seen.witness = witness(2, 19'000);
  CHECK(decide_restart(anchor, intent, seen).which != RestartCase::d);
  intent.reset_was_cleared = true;
  CHECK(decide_restart(anchor, intent, seen).which == RestartCase::d);
}

TEST_CASE("F: two latches of a stranger while we were down, the second one empty: what it averaged before is not exact") {
  auto seen = unchanged_at(seconds{4600});
  seen.is_valid = false;
  seen.witness = witness(9, 1'900'000);
  const auto decision = decide_restart(anchor_at_1000(), std::nullopt, seen);
  CHECK(decision.which == RestartCase::f);
  REQUIRE(decision.running);
  CHECK(decision.running->quality == Quality::estimated);
  CHECK(decision.running->reason == Reason::foreign_latch);
}

TEST_CASE("F: an empty latch that changed no average leaves the time exact") {
  auto seen = unchanged_at(seconds{1090});
  seen.is_valid = false;
  for (const auto& bytes : {witness(1, 44'400), witness(1, 120), SnapshotWitness{}}) {
    seen.witness = bytes;
    const auto decision = decide_restart(anchor_at_1000(), std::nullopt, seen);
    CHECK(decision.which == RestartCase::f);
    REQUIRE(decision.running);
    CHECK(decision.running->quality == Quality::recovered);
  }
}

TEST_CASE("D: a power cut of module and host without a trusted clock: the module's own counter does not speak against its flag") {
  auto anchor = anchor_at_1000();
  anchor.uptime_s = 7200;
  anchor.gc_tick = no_gc_tick;
  Evidence seen;
  seen.now = at(seconds{30}, other_boot, false);
  seen.reset_flag = true;
  seen.uptime_s = 10'800;
  const auto decision = decide_restart(anchor, std::nullopt, seen);
  CHECK(decision.which == RestartCase::d);
  REQUIRE(decision.gap);
  REQUIRE(decision.running);
  CHECK(decision.running->quality == Quality::estimated);
  CHECK(seen.now.at - decision.running->since_here == seconds{10'800});
}

TEST_CASE("a trusted clock that ran back between two boots is not exact: the module's own counter bounds the time") {
  const auto from = at(seconds{1000});
  auto to = at(seconds{5}, other_boot);
  to.utc = from.utc - seconds{10};
  CHECK_FALSE(elapsed_between(from, 5000, to, 5000).is_exact);
  const auto counted = elapsed_between(from, 5000, to, 8600);
  CHECK_FALSE(counted.is_exact);
  CHECK(counted.length >= seconds{3400});
  to.utc = from.utc + seconds{3600};
  CHECK(elapsed_between(from, 5000, to, 8600).is_exact);
}
