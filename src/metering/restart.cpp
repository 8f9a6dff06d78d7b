#include "metering/restart.hpp"

#include <algorithm>

#include "metering/book.hpp"

namespace rbamp::metering {
namespace {

constexpr Microseconds second{1'000'000};
constexpr Microseconds documented_longest = std::chrono::hours{1};  // protocol 11.3: overflow is excluded up to 1 h at 15 kW

Microseconds chip_to_master(Microseconds chip, double ratio) {
  return Microseconds{static_cast<std::int64_t>(static_cast<double>(chip.count()) / ratio)};
}

std::string seconds_text(Microseconds time) { return std::to_string(time / second) + " s"; }

bool was_reset(const Anchor& anchor, const std::optional<Intent>& intent, const Evidence& seen) {
  if (ran_back(anchor.uptime_s, seen.uptime_s)) return true;
  if (anchor.gc_tick != no_gc_tick && seen.gc_tick == no_gc_tick) return true;
  const auto elapsed = elapsed_between(anchor.at, anchor.uptime_s, seen.now, seen.uptime_s);
  if (fell_behind(anchor.uptime_s, seen.uptime_s, elapsed.shortest)) return true;
  if (!seen.reset_flag) return false;
  // A bound that comes from UPTIME_S itself supposes what it should prove.
  if (elapsed.is_exact && was_up_before(seen.uptime_s, elapsed.longest)) return false;
  // The daemon clears bit 5 after it has recorded it, so a set bit means a boot since then (protocol 12.1) ...
  if (!anchor.is_reset_pending || (intent && intent->is_armed && intent->reset_was_cleared)) return true;
  // ... or that we died in between. VALID does not survive a restart.
  return !seen.is_valid;
}

/// True when the intent's instant can have come: a planned latch of the future was certainly not sent.
bool may_have_been_sent(const Intent& intent, const Evidence& seen) {
  if (intent.is_armed) return true;
  if (intent.at.same_boot_as(seen.now)) return false;  // planned, never armed, same boot: this file would say so
  return !(intent.at.utc_is_trusted && seen.now.utc_is_trusted && intent.at.utc > seen.now.utc);
}

std::string restarted_by(const std::string& cause) {
  return "the module restarted" + (cause.empty() ? cause : " (" + cause + ")") + ", what it had averaged is lost: ";
}

std::string bound_of(Microseconds length) {
  const auto most = static_cast<std::int64_t>(energy_of(most_of_a_channel, length).value() + 1.0);
  return "between 0 and " + std::to_string(most) + " Wh on each channel, the most it can carry in " + seconds_text(length);
}

/// A bound of an unknown time would be no bound.
std::string unknown_gap_note(const std::string& cause) {
  return restarted_by(cause) +
         "how long this gap is, and how much it holds, is not known, because the host rebooted too and its clock was not "
         "trustworthy at both ends";
}

std::string restart_known_to(Microseconds uncertainty) {
  return "begins at the module's restart, which is known to " + seconds_text(uncertainty);
}

Running running_since(const Instant& at, Microseconds uncertainty, std::uint32_t uptime_then, const Evidence& seen) {
  const auto elapsed = elapsed_between(at, uptime_then, seen.now, seen.uptime_s);
  Running running{at, seen.now.at - elapsed.length, Quality::recovered, Reason::own_downtime, {}};
  if (!elapsed.is_exact) {
    running.quality = Quality::estimated;
    running.reason = Reason::clock_untrusted;
    running.note = "length between " + seconds_text(elapsed.shortest) + " and " + seconds_text(elapsed.longest) +
                   ": the host rebooted and its clock was not trustworthy at both ends";
  } else if (uncertainty > second) {
    running.quality = Quality::estimated;
    running.reason = Reason::module_reset;
    running.note = restart_known_to(uncertainty);
  } else if (elapsed.length > documented_longest) {
    running.note = "longer than the 1 h for which the module's accumulator is documented";
  }
  return running;
}

/// VALID = 1 after a restart: a latch landed since, ours. Its snapshot is what the module averaged from its restart until then.
void bill_since_restart(RestartDecision& decision, const Instant& boot, const Intent& intent, const Evidence& seen) {
  const auto since = elapsed_between(intent.at, 0, seen.now, 0);
  if (!since.is_exact) return;
  Instant latch = intent.at;
  if (!latch.same_boot_as(seen.now)) {
    latch = seen.now;
    latch.at -= since.length;
    latch.utc -= since.length;
  }
  if (latch.at < boot.at) return;
  decision.bill_snapshot =
      Stretch{{boot, latch, latch.at - boot.at}, Quality::estimated, Reason::module_reset, std::string{after_reset_note}};
  decision.running = running_since(intent.at, Microseconds::zero(), 0, seen);
}

RestartDecision after_reset(const Anchor& anchor, const std::optional<Intent>& intent, const Evidence& seen,
                            const std::string& cause) {
  RestartDecision decision;
  decision.which = RestartCase::d;
  // UPTIME_S may run slow, so it is the shortest age; the whole rest is a gap, and what is billed is a lower bound.
  Microseconds age = std::chrono::seconds{seen.uptime_s};
  auto elapsed = elapsed_between(anchor.at, 0, seen.now, 0);
  if (!elapsed.is_exact)
    elapsed.length = std::max(elapsed.length, age);  // a clock in the past must not hide the module's own time
  const bool has_snapshot = seen.is_valid && intent && may_have_been_sent(*intent, seen);
  if (has_snapshot && intent->at.same_boot_as(seen.now)) {
    // LATCH_MS runs slow as well, and begins at the restart, too.
    const Microseconds until_latch = std::chrono::milliseconds{latch_ms_of(seen.witness)};
    const Microseconds oldest = chip_to_master(age + second, slowest_chip_clock);
    age = std::clamp(seen.now.at - intent->at.at + until_latch, age, oldest);
  }
  const Microseconds billed = std::min(age, elapsed.length);
  Instant boot = seen.now;
  boot.at -= billed;
  boot.utc -= billed;
  const Microseconds lost = elapsed.length - billed;
  decision.gap = Stretch{{anchor.at, boot, lost},
                         Quality::gap,
                         Reason::module_reset,
                         elapsed.is_exact ? reset_gap_note(cause, lost) : unknown_gap_note(cause)};
  decision.running = Running{boot, boot.at, Quality::estimated, Reason::module_reset, std::string{after_reset_note}};
  if (has_snapshot) bill_since_restart(decision, boot, *intent, seen);
  return decision;
}

bool fits(const Anchor& anchor, const Intent& intent, const Evidence& seen) {
  return fits_length(seen.witness, elapsed_between(anchor.at, anchor.uptime_s, intent.at, seen.uptime_s).length);
}

RestartDecision unread_snapshot(const Anchor& anchor, const Intent& intent, const Evidence& seen, RestartCase which) {
  RestartDecision decision;
  decision.which = which;
  const auto elapsed = elapsed_between(anchor.at, anchor.uptime_s, intent.at, seen.uptime_s);
  Stretch stretch{{anchor.at, intent.at, elapsed.length}, Quality::recovered, Reason::own_downtime, {}};
  if (!elapsed.is_exact) {
    stretch.quality = Quality::estimated;
    stretch.reason = Reason::clock_untrusted;
  } else if (anchor.uncertainty > second) {
    stretch.quality = Quality::estimated;
    stretch.reason = Reason::module_reset;
    stretch.note = restart_known_to(anchor.uncertainty);
  } else if (!fits_length(seen.witness,
                          elapsed.length)) {  // the tick proves that the latch was ours, not that it was the only one
    stretch.quality = Quality::estimated;
    stretch.reason = Reason::foreign_latch;
    stretch.note = "the module averaged for another time than since the last booking: another program latched it before us";
  }
  decision.bill_snapshot = stretch;
  // It begins at our own latch, whatever was unsure about the begin of the one before.
  decision.running = running_since(intent.at, Microseconds::zero(), anchor.uptime_s, seen);
  return decision;
}

void mark_as_latched(Running& running) {
  running.quality = Quality::estimated;
  running.reason = Reason::foreign_latch;
  running.note = "another program latched this module: the average of its last period stands for the whole time";
}

RestartDecision stranger(const Anchor& anchor, const Evidence& seen) {
  RestartDecision decision;
  decision.which = RestartCase::c;
  decision.latched_by_stranger = true;
  decision.running = running_since(anchor.at, anchor.uncertainty, anchor.uptime_s, seen);
  mark_as_latched(*decision.running);
  return decision;
}

RestartDecision went_on(const Anchor& anchor, const Evidence& seen, RestartCase which) {
  RestartDecision decision;
  decision.which = which;
  decision.running = running_since(anchor.at, anchor.uncertainty, anchor.uptime_s, seen);
  return decision;
}

/// Where COMMIT_CNT counts on after a latch (sources disagree, protocol D10), it tells when the last one landed: at the intent, and not at
/// the anchor.
bool counts_since(const Intent& intent, const Anchor& anchor, const Evidence& seen) {
  if (seen.commit_count == anchor.commit_count) return false;  // it shows what was latched
  constexpr Microseconds window = std::chrono::milliseconds{200};
  const Microseconds counted = window * seen.commit_count;
  const auto off = [&](const Instant& from) {
    return std::chrono::abs(elapsed_between(from, anchor.uptime_s, seen.now, seen.uptime_s).length - counted);
  };
  return off(intent.at) < off(anchor.at);
}

/// The decision as if the daemon had been down.
RestartDecision decide(const Anchor& anchor_value, const std::optional<Intent>& intent, const Evidence& seen,
                       const std::string& cause) {
  const Anchor* anchor = &anchor_value;
  if (was_reset(*anchor, intent, seen)) return after_reset(*anchor, intent, seen, cause);

  const bool same_bytes = seen.witness == anchor->witness;
  bool open_intent = intent && may_have_been_sent(*intent, seen);

  // A broadcast proves itself: only that frame can have set that tick.
  if (open_intent && intent->kind == LatchKind::broadcast) {
    if (seen.gc_tick == intent->gc_tick && intent->gc_tick != anchor->gc_tick) {
      if (seen.is_valid) return unread_snapshot(*anchor, *intent, seen, RestartCase::b2);
      return went_on(*anchor, seen, RestartCase::f);
    }
    if (same_bytes) return went_on(*anchor, seen, RestartCase::a_prime);
    open_intent = false;  // whatever was latched, it was not by this frame
  }

  if (!seen.is_valid) {
    const bool good_then_empty = open_intent && !same_bytes && fits(*anchor, *intent, seen);
    if (good_then_empty) return unread_snapshot(*anchor, *intent, seen, RestartCase::b);
    auto decision = went_on(*anchor, seen, RestartCase::f);
    if (shows_other_averages(seen.witness, anchor->witness)) mark_as_latched(*decision.running);
    return decision;
  }
  if (same_bytes) {
    if (!open_intent) return went_on(*anchor, seen, RestartCase::a);
    // Equal bytes and PERIOD_READY: a second, equal period. Only an armed intent excludes that the flag is merely the one that
    // was not acknowledged before a power cut.
    const bool may_have_landed = intent->is_armed && seen.period_ready && fits(*anchor, *intent, seen);
    if (may_have_landed && (intent->gc_tick != ready_was_set || counts_since(*intent, *anchor, seen)))
      return unread_snapshot(*anchor, *intent, seen, RestartCase::b);
    return went_on(*anchor, seen, RestartCase::a_prime);
  }
  // A snapshot of another length than the intended one is not that of the intended latch, or not of it alone.
  if (open_intent && fits(*anchor, *intent, seen)) return unread_snapshot(*anchor, *intent, seen, RestartCase::b);
  return stranger(*anchor, seen);
}

/// `passed`: until now, since the part began.
template <class Part>
void mark_as_hiding(Part& part, const Evidence& seen, Microseconds passed) {
  if (part.quality != Quality::recovered || !may_hide_restart(seen, passed)) return;
  part.quality = Quality::estimated;
  part.reason = Reason::module_reset;
  part.note = hidden_restart_note;
}

/// The module was away, not we: what is exact is simply measured.
template <class Part>
void mark_as_measured(std::optional<Part>& part) {
  if (part && part->quality == Quality::recovered) {
    part->quality = Quality::measured;
    part->reason = Reason::none;
  }
}

}  // namespace

std::string reset_gap_note(const std::string& cause, Microseconds length) { return restarted_by(cause) + bound_of(length); }

std::string foreign_gap_note(Microseconds length) {
  return "another program latched this module more than once: what it had averaged before is lost: " + bound_of(length);
}

std::string settled_gap_note(Microseconds length) { return "; the clock was set later: " + bound_of(length); }

std::string_view to_string(RestartCase which) noexcept {
  switch (which) {
    case RestartCase::a: return "A";
    case RestartCase::a_prime: return "A'";
    case RestartCase::b: return "B";
    case RestartCase::b2: return "B2";
    case RestartCase::c: return "C";
    case RestartCase::d: return "D";
    case RestartCase::e: return "E";
    case RestartCase::f: return "F";
  }
  return "?";
}

Elapsed elapsed_between(const Instant& from, std::uint32_t uptime_from, const Instant& to, std::uint32_t uptime_to) {
  if (from.same_boot_as(to)) {
    const auto exact = std::max(to.at - from.at, Microseconds::zero());
    return {exact, exact, exact, true};
  }
  const auto by_label = std::max(to.utc - from.utc, Microseconds::zero());
  // A clock that ran back between two boots was wrong at one end, whatever it says of itself.
  if (from.utc_is_trusted && to.utc_is_trusted && to.utc >= from.utc) return {by_label, by_label, by_label, true};

  // The module's own clock bounds the time: it counts whole seconds and runs at 0.70 to 1.05 of real time.
  if (uptime_to <= uptime_from) return {by_label, Microseconds::zero(), by_label, false};
  const Microseconds chip = std::chrono::seconds{uptime_to - uptime_from};
  const auto shortest = std::max(chip_to_master(chip - second, fastest_chip_clock), Microseconds::zero());
  const auto longest = chip_to_master(chip + second, slowest_chip_clock);
  return {std::clamp(by_label, shortest, longest), shortest, longest, false};
}

RestartDecision decide_restart(const std::optional<Anchor>& anchor, const std::optional<Intent>& intent, const Evidence& seen,
                               Absence absence, const std::string& reset_cause) {
  if (!anchor) return {};  // case E
  // One that is not later than the end of what was booked last was settled with it.
  const bool is_settled = intent && intent->at.same_boot_as(anchor->at) && intent->at.at <= anchor->at.at;
  auto decision = decide(*anchor, is_settled ? std::nullopt : intent, seen, reset_cause);
  if (anchor->is_reset_pending && decision.which != RestartCase::d) {
    const auto elapsed = elapsed_between(anchor->at, anchor->uptime_s, seen.now, seen.uptime_s);
    if (decision.bill_snapshot) mark_as_hiding(*decision.bill_snapshot, seen, elapsed.longest);
    if (decision.running) mark_as_hiding(*decision.running, seen, seen.now.at - decision.running->since_here);
  }
  if (absence == Absence::module_was_away) {
    mark_as_measured(decision.bill_snapshot);
    mark_as_measured(decision.running);
  }
  return decision;
}

}  // namespace rbamp::metering
