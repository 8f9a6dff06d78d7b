#include "fleet/latch_round.hpp"

#include <algorithm>

#include "log/fields.hpp"
#include "protocol/commands.hpp"

namespace rbamp::fleet {

using metering::LatchKind;
using metering::LatchOutcome;

namespace {

constexpr Microseconds settle_time = protocol::settle_time(protocol::Command::latch_period);
constexpr Microseconds empty_pause = std::chrono::milliseconds{250};  // protocol 11.4
constexpr Microseconds failed_look_pause = std::chrono::milliseconds{200};
constexpr Microseconds latest_after_intent = std::chrono::milliseconds{200};
constexpr unsigned most_latches = 2;  // per module and round
constexpr unsigned most_looks = 4;    // that failed on the bus; the next round tries again before it latches
constexpr unsigned most_passes = 8;

}  // namespace

std::string_view to_string(LatchRound::State state) noexcept {
  switch (state) {
    case LatchRound::State::idle: return "idle";
    case LatchRound::State::proving: return "proving";
    case LatchRound::State::arming: return "arming";
    case LatchRound::State::waiting: return "waiting";
    case LatchRound::State::latching: return "latching";
    case LatchRound::State::settling: return "settling";
    case LatchRound::State::reading: return "reading";
    case LatchRound::State::reporting: return "reporting";
    case LatchRound::State::acknowledging: return "acknowledging";
  }
  return "unknown";
}

void LatchRound::start(RoundOrder order) {
  ++number_;
  passes_ = 0;
  is_armed_again_ = false;
  order_ = std::move(order);
  participants_.clear();
  for (auto* module : order_.modules)
    participants_.push_back({module, Need::latch, order_.broadcast && module->listens_to_broadcast(), 0, 0});
  state_ = State::proving;
  cursor_ = 0;
  prove_next();
}

// --- proving: never latch over a snapshot that is not read yet, nor a chip that may be another one ---------------------------

void LatchRound::prove_next() {
  for (; cursor_ < participants_.size(); ++cursor_) {
    auto& participant = participants_[cursor_];
    auto& module = *participant.module;
    if (module.unsettled()) {
      read(participant, [this, &participant](const Result<SnapshotRead>& look) { proved(participant, look); });
      return;
    }
    if (module.must_prove_identity) {
      on_bus(
          [address = module.address(), dialect = module.dialect()](BusStation& bus) { return read_uid(bus, address, dialect); },
          [this, &participant](const Result<ModuleUid>& uid) { proved_identity(participant, uid); });
      return;
    }
    if (const auto stale = module.stale(); !stale.none() && participant.need == Need::latch) {
      on_bus([address = module.address(), stale](BusStation& bus) { return acknowledge(bus, address, stale); },
             [this, &participant, stale](const Result<void>& done) { caught_up(participant, stale, done); });
      return;
    }
  }
  arm();
}

/// Not latched in this round, by no frame either.
void LatchRound::hold_back(Participant& participant) {
  participant.need = Need::none;
  if (!participant.by_broadcast) return;
  for (auto& other : participants_) other.by_broadcast = false;
}

void LatchRound::proved(Participant& participant, const Result<SnapshotRead>& look) {
  events_.cycle(*participant.module, look ? nullptr : &look.error());
  bool is_free = !participant.module->unsettled();
  if (look && !is_free) {
    const auto outcome = participant.module->settle(*look, true);
    is_free = outcome == LatchOutcome::missed || outcome == LatchOutcome::empty;
  }
  if (!is_free) {
    // Still unread, or read and not durable yet: it must not be latched over. A broadcast would do just that, so this round goes
    // without one; the module goes on averaging and the next round closes the longer period.
    hold_back(participant);
  }
  if (!participant.module->must_prove_identity || !look) ++cursor_;
  prove_next();
}

void LatchRound::proved_identity(Participant& participant, const Result<ModuleUid>& uid) {
  auto& module = *participant.module;
  if (uid && *uid == module.uid()) {
    module.must_prove_identity = false;
  } else {
    hold_back(participant);
    if (uid) {
      const Error error = another_chip(*uid, module.address());
      events_.cycle(module, &error);
    } else {
      events_.cycle(module, &uid.error());
    }
  }
  ++cursor_;
  prove_next();
}

/// A broadcast is proven by its tick; a direct latch needs the flag to be its own.
void LatchRound::caught_up(Participant& participant, protocol::Events stale, const Result<void>& done) {
  if (done) {
    participant.module->acknowledged(stale, context_.scheduler.clock().boot_now());
  } else {
    events_.cycle(*participant.module, &done.error());
    if (!participant.by_broadcast) participant.need = Need::none;
  }
  ++cursor_;
  prove_next();
}

// --- arming and latching ---------------------------------------------------------------------------------------------------

void LatchRound::arm() {
  std::vector<metering::ArmedLatch> latches;
  metering::Instant at = order_.due_label;
  const auto now = instant_now(context_.scheduler.clock(), context_.boot);
  if (now.at > at.at) at = now;
  for (auto& participant : participants_) {
    if (is_gone(participant)) participant.need = Need::none;
    if (participant.need != Need::latch) continue;
    const bool broadcast = participant.by_broadcast;
    const auto direct_tick = participant.module->is_ready_stale() ? metering::ready_was_set : metering::no_gc_tick;
    const metering::Intent intent{at, broadcast ? LatchKind::broadcast : LatchKind::direct,
                                  broadcast ? order_.gc_tick : direct_tick, true, participant.module->is_reset_acknowledged()};
    participant.module->armed(intent);
    latches.push_back({participant.module->key(), intent});
  }
  if (latches.empty()) {
    finish_reading();
    return;
  }
  state_ = State::arming;
  armed_for_ = at.at;
  context_.accounting.arm(std::move(latches), [this, guard = alive_.guard(), number = number_](const Result<void>&) {
    // An error is the ledger's to tell. The latch goes out all the same: a full disk must not stretch periods.
    if (!guard.expired() && number == number_) armed();
  });
}

/// A start after our death takes the instant of the intent for that of the latch: when the disk took its time, a later one is written. Once, or
/// a disk that is always slow would hold up every latch.
void LatchRound::armed() {
  const bool is_late = context_.scheduler.clock().boot_now() - armed_for_ > latest_after_intent;
  if (is_late && !std::exchange(is_armed_again_, true)) return arm();
  wait_until_due();
}

void LatchRound::wait_until_due() {
  state_ = State::waiting;
  timer_ = context_.scheduler.call_at(order_.due, [this] { latch(); });
}

void LatchRound::latch() {
  state_ = State::latching;
  std::vector<Participant*> direct;
  bool broadcast = false;
  for (auto& participant : participants_) {
    if (participant.need != Need::latch) continue;
    ++participant.latches;
    if (participant.by_broadcast) {
      broadcast = true;
    } else {
      direct.push_back(&participant);
    }
  }
  std::vector<I2cAddress> addresses;
  addresses.reserve(direct.size());
  for (const auto* participant : direct) addresses.push_back(participant->module->address());
  on_bus(
      [broadcast, group = order_.group, tick = order_.gc_tick, addresses = std::move(addresses),
       boot = context_.boot](BusStation& bus) {
        std::vector<LatchSent> sent;
        if (broadcast) sent.push_back(send_broadcast_latch(bus, group, tick, boot));
        for (const auto address : addresses) sent.push_back(send_latch(bus, address, boot));
        return sent;
      },
      [this, direct, broadcast](std::vector<LatchSent> sent) { latched(direct, broadcast, std::move(sent)); });
}

void LatchRound::latched(const std::vector<Participant*>& direct, bool broadcast, std::vector<LatchSent> sent) {
  auto next = sent.begin();
  if (broadcast) {
    const auto& frame = *next++;
    for (auto& participant : participants_) {
      if (participant.need != Need::latch || !participant.by_broadcast) continue;
      participant.module->latch_sent(
          {{LatchKind::broadcast, order_.gc_tick, frame.error.has_value(), false}, frame.at, frame.duration});
      participant.need = Need::look;
    }
  }
  for (auto* participant : direct) {
    const auto& write = *next++;
    participant->module->latch_sent(
        {{LatchKind::direct, metering::no_gc_tick, write.error.has_value(), false}, write.at, write.duration});
    participant->need = Need::look;
  }
  settle(settle_time);
}

void LatchRound::settle(Microseconds pause) {
  state_ = State::settling;
  timer_ = context_.scheduler.call_after(pause, [this] {
    state_ = State::reading;
    cursor_ = 0;
    read_next();
  });
}

// --- reading and judging ---------------------------------------------------------------------------------------------------

/// It was lost while the round went on, and perhaps found again already: what it shows is then for the restart decision.
bool LatchRound::is_gone(const Participant& participant) { return participant.module->state != Module::State::metering; }

template <class Done>
void LatchRound::read(const Participant& participant, Done done) {
  const auto& module = *participant.module;
  look_at_snapshot(
      context_, alive_,
      {module.address(), module.dialect(), context_.boot, module.unsettled()->attempt.kind, module.last_seen(), module.uid()},
      [this, number = number_, done = std::move(done)](const Result<SnapshotRead>& look) {
        if (number == number_) done(look);
      });
}

void LatchRound::read_next() {
  for (; cursor_ < participants_.size(); ++cursor_) {
    auto& participant = participants_[cursor_];
    if (participant.need != Need::look && participant.need != Need::last_look) continue;
    if (!is_gone(participant) && participant.module->unsettled()) break;
    participant.need = Need::none;
  }
  if (cursor_ == participants_.size()) {
    next_pass(settle_time);
    return;
  }
  auto& participant = participants_[cursor_];
  read(participant, [this, &participant](const Result<SnapshotRead>& look) { looked(participant, look); });
}

void LatchRound::looked(Participant& participant, const Result<SnapshotRead>& look) {
  events_.cycle(*participant.module, look ? nullptr : &look.error());
  const bool is_ours = !is_gone(participant) && participant.module->unsettled();
  if (look && is_ours) {
    judged(participant, participant.module->settle(*look, participant.need == Need::last_look));
  } else if (!is_ours || ++participant.failed_looks >= most_looks) {
    participant.need = Need::none;  // one that is still unsettled is read by the next round before it latches
  }
  ++cursor_;
  read_next();
}

void LatchRound::judged(Participant& participant, LatchOutcome outcome) {
  switch (outcome) {
    case LatchOutcome::unclear: participant.need = Need::last_look; return;
    case LatchOutcome::empty:
    case LatchOutcome::missed:
      // Directly once more; after a miss of the broadcast that is the fallback of protocol 13.2.
      participant.need = participant.latches < most_latches ? Need::latch : Need::none;
      // A broadcast that landed empty keeps its accumulator and the next slot covers it (13.2).
      if (outcome == LatchOutcome::empty && participant.by_broadcast) participant.need = Need::none;
      participant.by_broadcast = false;
      return;
    case LatchOutcome::closed:
    case LatchOutcome::reset: participant.need = Need::none; return;
  }
}

void LatchRound::next_pass(Microseconds pause) {
  const auto needs = [&](Need need) {
    return std::any_of(participants_.begin(), participants_.end(), [&](const Participant& p) { return p.need == need; });
  };
  const bool may_go_on = ++passes_ <= most_passes;
  if (may_go_on && needs(Need::last_look)) {
    settle(metering::unclear_wait);
  } else if (may_go_on && needs(Need::look)) {
    settle(failed_look_pause);
  } else if (may_go_on && needs(Need::latch)) {
    state_ = State::settling;
    const auto again = std::max(pause, empty_pause);
    order_.due = context_.scheduler.clock().boot_now() + again;
    order_.due_label = instant_now(context_.scheduler.clock(), context_.boot);
    order_.due_label.at += again;
    order_.due_label.utc += again;
    arm();
  } else {
    finish_reading();
  }
}

// --- booking and acknowledging ---------------------------------------------------------------------------------------------

void LatchRound::finish_reading() {
  state_ = State::reporting;
  events_.reported(number_);
}

void LatchRound::durable(std::uint64_t number) {
  if (state_ != State::reporting || number != number_) return;
  for (const auto& participant : participants_) participant.module->stored();
  state_ = State::acknowledging;
  cursor_ = 0;
  acknowledge_next();
}

void LatchRound::acknowledge_next() {
  while (cursor_ < participants_.size() &&
         (participants_[cursor_].module->unsettled() || participants_[cursor_].module->to_acknowledge().none())) {
    ++cursor_;
  }
  if (cursor_ == participants_.size()) {
    finish();
    return;
  }
  auto& module = *participants_[cursor_].module;
  const auto handled = module.to_acknowledge();
  on_bus([address = module.address(), handled](BusStation& bus) { return acknowledge(bus, address, handled); },
         [this, &module, handled](const Result<void>& done) {
           if (done) module.acknowledged(handled, context_.scheduler.clock().boot_now());
           ++cursor_;
           acknowledge_next();
         });
}

void LatchRound::finish() {
  state_ = State::idle;
  events_.finished();
}

}  // namespace rbamp::fleet
