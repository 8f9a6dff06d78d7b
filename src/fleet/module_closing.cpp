// What a latch closed: the verdict on it, and the periods and gaps that follow.
#include <algorithm>
#include <cmath>

#include "fleet/module.hpp"
#include "metering/foreign_latch.hpp"
#include "metering/module_energy.hpp"

namespace rbamp::fleet {

using metering::LatchOutcome;
using metering::Quality;
using metering::Reason;

// For so long the average of what is known stands for what is not.
constexpr Microseconds longest_stand_in = std::chrono::hours{1};

metering::ClosedPeriod Module::closed(metering::Period span, const SnapshotRead& look) {
  ruler_inputs_.clear();
  metering::ClosedPeriod period;
  period.span = span;
  for (const auto& channel : assignment_.channels) {
    const std::size_t i = channel.index.value();
    metering::ChannelMeasurement measured{channel.index,
                                          channel.invert,
                                          look.snapshot.mean_power[i],
                                          std::nullopt,
                                          dialect_.tier.is_bidirectional(),
                                          look.mean_export[i],
                                          dialect_.export_register && !look.mean_export[i]};
    // What was seen before a reload took the windows away is of this period, too.
    const auto live = live_[i].take();
    if (wants_every_window() || live.covered > Microseconds::zero()) measured.live = live;
    if (measured.live && measured.mean_power && !measured.may_be_net)
      ruler_inputs_.push_back({channel, *measured.mean_power, *measured.live, span.length, Findings::Ruler::import_average});
    if (measured.live && measured.mean_export)
      ruler_inputs_.push_back({channel, *measured.mean_export, *measured.live, span.length, Findings::Ruler::export_register});
    if (!measured.mean_power) {
      period.quality = Quality::estimated;
      period.reason = Reason::implausible;
      period.note = "the module gave a mean power that its hardware cannot deliver; booked as 0";
    }
    period.channels.push_back(energy_of_channel(measured, span.length));
  }
  return period;
}

bool Module::looks_foreign(const SnapshotRead& look, Microseconds length) const {
  if (was_empty_) return false;
  const Microseconds chip = std::chrono::milliseconds{metering::latch_ms_of(look.evidence.witness)};
  const double usual = chip_clock_ > 0.0 ? chip_clock_ : metering::slowest_chip_clock;
  // Half a second of tolerance: at short periods the settle time and whole milliseconds matter.
  const auto expected = static_cast<double>(length.count()) * std::min(usual, metering::slowest_chip_clock) * 0.9 - 500'000.0;
  return static_cast<double>(chip.count()) < expected;
}

bool Module::may_hide_restart(const SnapshotRead& look, Microseconds length) const {
  const auto& evidence = look.evidence;
  if (!reset_acknowledged_) return metering::may_hide_restart(evidence, length);
  return cleared_unseen_since_ && !metering::was_up_before(evidence.uptime_s, evidence.now.at - *cleared_unseen_since_);
}

/// Protocol 5.3: what a module with damaged linearisation delivers is not billed silently.
void Module::mark_damage(metering::ClosedPeriod& period) const {
  if (!is_damaged_ || (period.quality != Quality::measured && period.quality != Quality::recovered)) return;
  period.quality = Quality::estimated;
  period.reason = Reason::damaged_module;
  period.note = "the module reports that its ADC linearisation is damaged (REG_ERROR 0xFA): 1 to 5 % error; replace it";
}

void Module::note_chip_clock(const SnapshotRead& look, Microseconds length) {
  if (length < std::chrono::seconds{1}) return;
  const double ratio = metering::latch_ms_of(look.evidence.witness) * 1000.0 / static_cast<double>(length.count());
  chip_clock_ = chip_clock_ > 0.0 ? 0.8 * chip_clock_ + 0.2 * ratio : ratio;
}

void Module::anchor_at(const SentLatch& sent, const SnapshotRead& look) {
  metering::Anchor anchor;
  anchor.at = sent.at;
  anchor.uncertainty = sent.duration;
  anchor.witness = look.evidence.witness;
  anchor.commit_count = look.evidence.commit_count;
  const auto since = metering::elapsed_between(sent.at, 0, look.evidence.now, 0).length / std::chrono::seconds{1};
  anchor.uptime_s =
      look.evidence.uptime_s - static_cast<std::uint32_t>(std::clamp<std::int64_t>(since, 0, look.evidence.uptime_s));
  anchor.gc_tick = look.evidence.gc_tick;
  anchor.is_valid_snapshot = look.evidence.is_valid;
  anchor.is_reset_pending = look.evidence.reset_flag;
  account_->anchor = anchor;
  account_->covered_until = sent.at;
  account_->previous_chip.reset();
  draft_.anchor = anchor;
  has_draft_ = true;
}

void Module::draft_gap(const metering::Instant& until, Reason reason, std::string note) {
  const auto& from = *account_->covered_until;
  const auto elapsed = metering::elapsed_between(from, 0, until, 0);
  draft_.closed.push_back({{from, until, elapsed.length}, Quality::gap, reason, std::move(note), {}});
}

/// Protocol 12.3, case C: a stranger's latch and ours each show a part of the period, and LATCH_MS how long each is.
bool Module::close_in_two_parts(const SentLatch& sent, const SnapshotRead& look, Microseconds length) {
  const auto theirs = std::exchange(theirs_, std::nullopt);
  if (!theirs || was_empty_) return false;
  const auto theirs_ms = metering::latch_ms_of(theirs->evidence.witness);
  const auto ours_ms = metering::latch_ms_of(look.evidence.witness);
  Microseconds lost{};
  auto first = metering::before_foreign_latch(length, theirs_ms, ours_ms);
  if (!first) {
    if (theirs_ms == 0 || ours_ms == 0) return false;
    // More latches than one. What was averaged for a short while does not stand for days: the rest is a gap. A chip's clock whose rate is
    // not known is taken at its word: it may run slow, and what it certainly averaged is not less.
    const auto real_time = [this](std::uint32_t chip_ms) {
      return Microseconds{std::llround(chip_ms * 1000.0 / (chip_clock_ > 0.0 ? chip_clock_ : 1.0))};
    };
    first = real_time(theirs_ms);
    lost = length - *first - real_time(ours_ms);
    if (lost <= longest_stand_in || lost <= length / 2) return false;
  }
  const auto before_our_latch = [&](Microseconds time) {
    metering::Instant instant = sent.at;
    instant.at -= time;
    instant.utc -= time;
    return instant;
  };
  const Microseconds second = length - lost - *first;
  const auto known = lost > Microseconds::zero() ? before_our_latch(*first + second) : running_->since;
  const auto divide = before_our_latch(second);
  if (lost > Microseconds::zero()) {
    draft_.closed.push_back(
        {{running_->since, known, lost}, Quality::gap, Reason::foreign_latch, metering::foreign_gap_note(lost), {}});
  }
  // The later part first: the live windows that were read since the restart are its own.
  auto later = closed({divide, sent.at, second}, look);
  auto earlier = closed({known, divide, *first}, *theirs);
  for (auto* part : {&earlier, &later}) {
    if (part->reason == Reason::implausible) continue;
    part->quality = Quality::estimated;
    part->reason = Reason::foreign_latch;
    part->note = std::string{lost > Microseconds::zero() ? metering::foreign_latches_note : metering::foreign_latch_note};
  }
  draft_.closed.push_back(std::move(earlier));
  draft_.closed.push_back(std::move(later));
  return true;
}

void Module::close_at(const SentLatch& sent, const SnapshotRead& look) {
  for (auto& integrator : live_) {
    if (is_sampling_over_) integrator.end(sent.at.at);
    if (!running_) static_cast<void>(integrator.take());
    if (!running_ || !integrator.has_reading()) integrator.begin(sent.at.at);
  }
  if (!running_) {
    // Primer: what was averaged or seen live before belongs to nobody (protocol 11.6). A place that was metered before gets its gap.
    if (account_->covered_until) {
      draft_gap(sent.at, account_->previous_chip ? Reason::meter_changed : Reason::first_latch,
                "until the first latch of this module");
    }
  } else if (const Microseconds length = sent.at.at - running_->since_here; !close_in_two_parts(sent, look, length)) {
    auto period = closed({running_->since, sent.at, length}, look);
    if (period.reason != Reason::implausible) {
      period.quality = running_->quality;
      period.reason = running_->reason;
      period.note = running_->note;
      const bool should_be_exact = period.quality == Quality::measured || period.quality == Quality::recovered;
      if (should_be_exact && may_hide_restart(look, length)) {
        period.quality = Quality::estimated;
        period.reason = Reason::module_reset;
        period.note = metering::hidden_restart_note;
      } else if (should_be_exact && looks_foreign(look, length)) {
        period.quality = Quality::estimated;
        period.reason = Reason::foreign_latch;
        period.note =
            "the module was latched in between, by another program or by this one while nothing could be stored: the average of "
            "its last part stands for the whole period";
      } else {
        note_chip_clock(look, length);
      }
      // An average of another time than the live power, as after a restart or a stranger's latch, says nothing about the rulers.
      if (period.quality == Quality::measured || period.quality == Quality::recovered) {
        for (const auto& one : ruler_inputs_) findings_.compare_rulers(one.ruler, one.channel, one.mean, one.live, one.length);
      }
      mark_damage(period);
    }
    draft_.closed.push_back(std::move(period));
  }
  anchor_at(sent, look);
  running_ = metering::Running{sent.at, sent.at.at, Quality::measured, Reason::none, {}};
  reset_flag_since_ = look.evidence.now.at;
  cleared_unseen_since_.reset();
  was_empty_ = false;
  ready_flag_proven_ = ready_flag_proven_ || (ready_acknowledged_ && look.evidence.period_ready);
  ready_acknowledged_ = false;
}

void Module::restarted(const SentLatch& sent, const SnapshotRead& look) {
  const auto& evidence = look.evidence;
  draft_.reset = metering::ResetSeen{evidence.now, evidence.uptime_s, evidence.reset_cause};
  has_draft_ = true;
  findings_.add_restart(evidence);
  reset_acknowledged_ = !evidence.reset_flag;
  reset_flag_since_ = evidence.now.at;
  ready_acknowledged_ = false;
  must_prove_identity = true;
  theirs_.reset();
  chip_clock_ = 0.0;
  cleared_unseen_since_.reset();
  for (auto& integrator : live_) integrator.restart();

  // VALID is 0 after a boot, so 1 means that a latch landed since: ours.
  const bool landed = evidence.is_valid;
  const metering::Instant end = landed ? sent.at : evidence.now;
  // UPTIME_S counts whole seconds and may run slow: the shortest age, so what is billed is a lower bound.
  const Microseconds age =
      std::max(Microseconds{std::chrono::seconds{evidence.uptime_s}} - (evidence.now.at - end.at), Microseconds::zero());
  metering::Instant boot = end;
  if (running_) {
    const Microseconds length = end.at - running_->since_here;
    const Microseconds billed = std::min(age, length);
    boot.at -= billed;
    boot.utc -= billed;
    if (length > billed || !running_->since.same_boot_as(boot))
      draft_.closed.push_back({{running_->since, boot, length - billed},
                               Quality::gap,
                               Reason::module_reset,
                               metering::reset_gap_note(reset_cause(evidence), length - billed),
                               {}});
    anchor_at({{}, boot, std::max(length - billed, metering::restart_uncertainty)}, look);
    running_ =
        metering::Running{boot, boot.at, Quality::estimated, Reason::module_reset, std::string{metering::after_reset_note}};
    was_empty_ = true;
  }
  if (landed) close_at(sent, look);
}

LatchOutcome Module::settle(const SnapshotRead& look, bool is_last_look) {
  auto attempt = unsettled_->attempt;
  attempt.is_last_look = is_last_look;
  std::optional<Microseconds> running;
  if (running_ && !was_empty_ && !theirs_) running = unsettled_->at.at - running_->since_here;
  const metering::BeforeLatch before{seen_.evidence.witness,
                                     seen_.evidence.uptime_s,
                                     look.evidence.now.at - seen_.evidence.now.at,
                                     reset_acknowledged_,
                                     ready_acknowledged_,
                                     ready_flag_proven_,
                                     seen_.evidence.gc_tick,
                                     running};
  const auto outcome = judge_latch(attempt, before, look.evidence);
  if (outcome == LatchOutcome::unclear) return outcome;
  const SentLatch sent = *unsettled_;
  unsettled_.reset();
  if (outcome == LatchOutcome::reset) is_damaged_ = false;  // its REG_ERROR is that of the new life
  saw(look);
  if (outcome == LatchOutcome::reset) restarted(sent, look);
  if (outcome == LatchOutcome::closed) close_at(sent, look);
  if (outcome == LatchOutcome::empty) was_empty_ = true;
  seen_ = look;
  return outcome;
}

}  // namespace rbamp::fleet
