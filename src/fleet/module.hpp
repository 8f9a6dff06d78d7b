// One metered module on the loop thread: who it is, since when its accumulator runs, what is known about its last latch.
// Turns looks at the module into lines for the ledger by metering's rules. No I/O.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fleet/assignment.hpp"
#include "fleet/findings.hpp"
#include "fleet/module_io.hpp"
#include "fleet/voltage_board.hpp"
#include "metering/accounting.hpp"
#include "metering/energy_estimate.hpp"
#include "metering/latch_verdict.hpp"
#include "metering/live_energy.hpp"
#include "metering/live_memory.hpp"
#include "metering/output.hpp"
#include "metering/restart.hpp"

namespace rbamp::fleet {

/// A latch that was sent and what is needed to judge it later.
struct SentLatch {
  metering::LatchAttempt attempt;
  metering::Instant at;
  Microseconds duration{};
};

class Module {
 public:
  enum class State : std::uint8_t {
    searching,  ///< has not answered yet, or not since it was lost
    opening,    ///< identified; its account is being opened, and what happened is being decided and booked
    metering,   ///< takes part in latch rounds
    refused,    ///< the wrong chip; looked at again now and then
    removed,    ///< no longer in the configuration; answers that were under way find it here and stop
  };

  explicit Module(Assignment assignment) : wanted_(assignment), assignment_(std::move(assignment)) {}

  // --- identity ------------------------------------------------------------------------------------------------------
  [[nodiscard]] const Assignment& assignment() const { return assignment_; }
  [[nodiscard]] const std::string& id() const { return assignment_.place_id; }
  [[nodiscard]] I2cAddress address() const { return assignment_.address; }
  [[nodiscard]] const Dialect& dialect() const { return dialect_; }
  [[nodiscard]] bool is_identified() const { return is_identified_; }
  [[nodiscard]] const ModuleUid& uid() const { return identity_.uid; }
  [[nodiscard]] bool listens_to_broadcast() const { return listens_to_broadcast_; }
  /// All but the name of its bus.
  [[nodiscard]] metering::ModuleDescription describe() const;
  /// True when `wanted` names this place, this chip and these channels: it can be taken over without ending the running period.
  [[nodiscard]] bool serves(const Assignment& wanted) const;
  /// Takes over names, role and `invert` of an assignment that it serves; `invert` counts for the whole running period.
  void reassign(const Assignment& wanted);
  /// The same chip answers elsewhere now.
  void move_to(I2cAddress address) { wanted_.address = assignment_.address = address; }
  [[nodiscard]] metering::AccountRequest account_request(UtcTime now) const;

  // --- life ----------------------------------------------------------------------------------------------------------
  State state = State::searching;
  bool is_reachable = false;   ///< as last told to the outputs
  unsigned failed_cycles = 0;  ///< since the last success
  unsigned good_cycles = 0;    ///< since the last failure
  BootTime last_answer{};
  BootTime last_window{};                ///< when a live reading began; zero: none yet
  std::uint64_t errors = 0;              ///< transfers that stayed failed after all attempts
  bool was_lost = false;                 ///< and told so
  bool is_other_chip = false;            ///< refused: an rbAmp, but not the one that the configuration pins
  unsigned periods_without_voltage = 0;  ///< estimated: since the other module's voltage is missing
  bool must_prove_identity = false;      ///< it was silent for a while: another chip may sit there now

  /// The place that was thought to be its own is that of another chip.
  void belongs_to(const std::string& place_id);
  /// Its chip was metered elsewhere meanwhile: what is known of it here is over, and the ledger is to be asked.
  void forget_account();
  [[nodiscard]] bool has_unbooked() const { return has_draft_; }
  /// The module answered at its address: who it is and what it shows. Forgets nothing of the account when it is the same chip.
  void identified(Identification found);
  /// Its account: decides what happened since the recorded latch (protocol 12.3) and drafts the postings that follow.
  /// `seen_live`: by the process before this one; dropped when it is not of the recorded latch.
  [[nodiscard]] metering::RestartDecision recover(metering::Account account,
                                                  const std::optional<metering::LiveMemory>& seen_live = std::nullopt);
  /// Same, after an absence from the bus while we ran: the account in memory is newer than the ledger's.
  [[nodiscard]] metering::RestartDecision recover_in_memory();
  /// End of the last booked period; none: not yet.
  [[nodiscard]] std::optional<metering::Instant> covered_until() const {
    return account_ ? account_->covered_until : std::nullopt;
  }
  /// Counts rounds in which nothing was booked, whatever the reason; `true` when this one makes it `most_unbooked`.
  [[nodiscard]] bool round_begins();
  /// Its periods cannot be closed any more, though no answer says so: its bus or the disk hangs, or each latch is lost.
  [[nodiscard]] bool is_stalled() const { return rounds_unbooked_ >= most_unbooked; }
  static constexpr unsigned most_unbooked = 3;
  [[nodiscard]] bool has_account() const { return account_.has_value(); }
  [[nodiscard]] metering::ModuleKey key() const { return account_->module; }

  // --- latching ------------------------------------------------------------------------------------------------------
  /// The write-ahead intent, as it was made durable.
  void armed(const metering::Intent& intent) { intent_ = intent; }
  /// A latch went out; until a look settles it, nothing else may be latched over it.
  /// It may have gone out later than it was planned: what is recovered by the intent ends when it did.
  void latch_sent(SentLatch sent) {
    unsettled_ = sent;
    if (intent_) intent_->at = sent.at;
  }
  [[nodiscard]] const std::optional<SentLatch>& unsettled() const { return unsettled_; }
  /// Judges the unsettled latch by a look, and drafts the closed period, the gap, the anchor. Settled unless the outcome is
  /// `unclear`. `missed` and `empty` leave the accumulator running.
  [[nodiscard]] metering::LatchOutcome settle(const SnapshotRead& look, bool is_last_look);

  /// What the last look showed; the next one is held against it.
  [[nodiscard]] const metering::Evidence& last_seen() const { return seen_.evidence; }

  /// What is to be booked since the last call; nothing when nothing changed.
  [[nodiscard]] std::optional<metering::ModuleReport> take_report(std::optional<metering::Intent> next_intent);
  /// The report that was taken last is durable.
  void stored() { is_stored_ = true; }
  /// The events to clear once the report is durable.
  [[nodiscard]] protocol::Events to_acknowledge() const;
  /// PERIOD_READY may still be set by an older latch.
  [[nodiscard]] bool is_ready_stale() const { return !ready_acknowledged_; }
  /// RESET_OCCURRED of the last restart was cleared: one that is set again tells of another.
  [[nodiscard]] bool is_reset_acknowledged() const { return reset_acknowledged_; }
  /// PERIOD_READY of what is durable, when the module still shows it. Cleared before the next latch is armed: after a crash it would be
  /// taken for that one's own. RESET_OCCURRED is never cleared without a look right before: it may tell of another restart.
  [[nodiscard]] protocol::Events stale() const;
  void acknowledged(protocol::Events handled, BootTime at = BootTime{});

  // --- without a voltage input, metered with the voltage of another module ---------------------------------------------
  [[nodiscard]] bool is_estimated() const;
  /// Its account. What nobody watched until the first reading becomes a gap.
  void begin_estimate(metering::Account account);
  /// Drafts what was seen since the last call: estimated periods, and gaps where nobody looked. Nothing when there was no reading.
  void close_estimate(const metering::Instant& now);

  /// What people should know of it.
  [[nodiscard]] Findings& findings() { return findings_; }
  /// Live sum over the module's own average of the last whole hour; none: not known.
  [[nodiscard]] std::optional<double> ruler_ratio(ChannelIndex channel) const { return findings_.ruler_ratio(channel); }
  [[nodiscard]] std::optional<double> period_ruler_ratio(ChannelIndex channel) const {
    return findings_.period_ruler_ratio(channel);
  }
  /// A look at a module that is never latched; returns the events to clear.
  [[nodiscard]] protocol::Events saw_unlatched(const SnapshotRead& look);
  /// REG_ERROR, read by itself.
  void saw_error(protocol::ErrorCode error);
  /// False for a virgin module, or one that lost its parameters: it does not know which current clamps it has.
  [[nodiscard]] bool is_set_up() const { return sensor_class_ != protocol::SensorClass::unset; }

  // --- live ----------------------------------------------------------------------------------------------------------
  /// True when every window counts: export, or the energy of a module without a voltage input, comes from them.
  [[nodiscard]] bool wants_every_window() const;
  /// `has_missed`: a window passed unread since the reading before.
  void integrate(const LiveRead& read, VoltageBoard& voltages, bool has_missed = false);
  [[nodiscard]] metering::Reading reading(const LiveRead& read, UtcTime utc) const;
  /// What was seen since the latch that the ledger has. None where windows do not count, or before the first latch.
  [[nodiscard]] std::optional<metering::LiveMemory> live_memory();
  /// No window is read any more; the latch that follows closes the last period.
  void sampling_ends() { is_sampling_over_ = true; }

 private:
  [[nodiscard]] metering::ClosedPeriod closed(metering::Period span, const SnapshotRead& look);
  [[nodiscard]] bool looks_foreign(const SnapshotRead& look, Microseconds length) const;
  [[nodiscard]] bool may_hide_restart(const SnapshotRead& look, Microseconds length) const;
  void integrate_estimate(const LiveRead& read, const VoltageBoard& voltages);
  void anchor_at(const SentLatch& sent, const SnapshotRead& look);
  void draft_restart(const metering::RestartDecision& decision);
  void resume_live(const metering::LiveMemory& seen, const metering::RestartDecision& decision);
  void close_at(const SentLatch& sent, const SnapshotRead& look);
  [[nodiscard]] bool close_in_two_parts(const SentLatch& sent, const SnapshotRead& look, Microseconds length);
  void draft_gap(const metering::Instant& until, metering::Reason reason, std::string note);
  void restarted(const SentLatch& sent, const SnapshotRead& look);
  void saw(const SnapshotRead& look);
  void note_damage(protocol::ErrorCode error);
  void mark_damage(metering::ClosedPeriod& period) const;
  void note_chip_clock(const SnapshotRead& look, Microseconds length);

  Assignment wanted_;      ///< as the configuration says it
  Assignment assignment_;  ///< with the channels that the chip has
  bool is_identified_ = false;
  protocol::Identity identity_;
  Dialect dialect_;
  bool listens_to_broadcast_ = false;
  protocol::SensorClass sensor_class_ = protocol::SensorClass::unset;
  SnapshotRead seen_;  ///< the last look

  std::optional<metering::Account> account_;
  std::optional<metering::Running> running_;  ///< none: the next latch is a primer
  std::optional<metering::Intent> intent_;
  std::optional<SentLatch> unsettled_;
  metering::ModuleReport draft_;
  bool has_draft_ = false;
  bool is_stored_ = true;
  std::optional<metering::Instant> covered_at_round_;  ///< when the last round began
  unsigned rounds_unbooked_ = 0;
  bool reset_acknowledged_ = false;
  BootTime reset_flag_since_{};  ///< since then it would hide another restart; while it is not acknowledged
  std::optional<BootTime>
      cleared_unseen_since_;  ///< it was acknowledged so late that another restart may have been cleared with it
  bool was_seen_unlatched_ = false;
  bool ready_acknowledged_ = false;
  bool ready_flag_proven_ = false;
  std::optional<SnapshotRead> theirs_;  ///< the snapshot of a stranger's latch, until ours shows how long it stood for
  bool was_empty_ = false;              ///< an empty latch lies in the running period: LATCH_MS proves nothing
  bool is_damaged_ = false;             ///< REG_ERROR asked for a mark since the module booted; the next write replaces it
  double chip_clock_ = 0.0;             ///< usual LATCH_MS over our time; 0: not known yet
  std::array<metering::LiveIntegrator, max_channels> live_;
  bool is_sampling_over_ = false;
  std::optional<metering::LiveMemory> live_memory_;
  metering::EnergyEstimate estimate_;
  Findings findings_;
  struct RulerInput {
    ChannelAssignment channel;
    Watts mean;
    metering::LiveEnergy live;
    Microseconds length{};
    Findings::Ruler ruler = Findings::Ruler::import_average;
  };
  std::vector<RulerInput> ruler_inputs_;  ///< of the period that is being closed
};

}  // namespace rbamp::fleet
