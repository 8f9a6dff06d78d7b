#include "fleet/module.hpp"

#include <algorithm>

namespace rbamp::fleet {

using metering::Reason;

namespace {

// A disk that works takes less between the look and the acknowledgement, and a module takes about as long to start.
constexpr Microseconds prompt_acknowledgement = std::chrono::milliseconds{500};

}  // namespace

metering::ModuleDescription Module::describe() const {
  metering::ModuleDescription description;
  description.id = assignment_.place_id;
  description.name = assignment_.name;
  description.role = assignment_.role;
  description.uid = identity_.uid;
  description.variant = std::string{to_string(identity_.variant)};
  description.hardware_version = std::to_string(static_cast<unsigned>(identity_.variant));
  const auto firmware = protocol::firmware_name(identity_.version);
  description.firmware_version = std::string{firmware.starts_with('v') ? firmware.substr(1) : firmware};
  description.has_voltage = has_voltage(identity_.variant);
  description.is_estimated = is_estimated();
  description.has_demand = assignment_.has_demand && description.has_voltage;
  for (const auto& channel : assignment_.channels) description.channels.push_back({channel.index, channel.id, channel.name});
  description.address = assignment_.address;
  if (sensor_class_ != protocol::SensorClass::sct_013) return description;
  for (const auto& model : protocol::sct_013_models()) {
    if (model.is_characterised) description.ct_models.emplace_back(model.name);
  }
  return description;
}

metering::AccountRequest Module::account_request(UtcTime now) const {
  metering::AccountRequest request{assignment_.place_id, identity_.uid, {}, now};
  for (const auto& channel : assignment_.channels) request.channels.push_back({channel.index, channel.id});
  return request;
}

void Module::belongs_to(const std::string& place_id) { wanted_.place_id = assignment_.place_id = place_id; }

void Module::forget_account() {
  account_.reset();
  running_.reset();
  unsettled_.reset();
  intent_.reset();
  draft_ = {};
  has_draft_ = false;
}

void Module::identified(Identification found) {
  if (account_ && account_->uid != found.identity.uid) forget_account();
  identity_ = std::move(found.identity);
  dialect_ = found.dialect;
  listens_to_broadcast_ = found.listens_to_broadcast;
  sensor_class_ = found.sensor_class;
  seen_ = found.now;
  must_prove_identity = false;
  is_identified_ = true;
  assignment_ = completed(wanted_, identity_.variant);  // a chip with more inputs than the one before has them all
}

bool Module::serves(const Assignment& wanted) const {
  if (wanted.place_id != assignment_.place_id || wanted.address != assignment_.address) return false;
  if (wanted.pinned && is_identified_ && *wanted.pinned != identity_.uid) return false;
  if (wanted.voltage_from.has_value() != assignment_.voltage_from.has_value()) return false;
  if (wanted.export_register != assignment_.export_register) return false;  // no period is taken from two sources
  return has_same_channels(is_identified_ ? completed(wanted, identity_.variant) : wanted, assignment_);
}

void Module::reassign(const Assignment& wanted) {
  wanted_ = wanted;
  assignment_ = is_identified_ ? completed(wanted, identity_.variant) : wanted;
}

metering::RestartDecision Module::recover(metering::Account account, const std::optional<metering::LiveMemory>& seen_live) {
  account_ = std::move(account);
  if (account_->previous_chip) account_->anchor.reset();  // this place went on with another chip: its own anchor is history
  intent_ = account_->intent;
  auto decision =
      decide_restart(account_->anchor, intent_, seen_.evidence, metering::Absence::daemon_was_down, reset_cause(seen_.evidence));
  for (auto& integrator : live_) integrator.restart();
  if (seen_live) resume_live(*seen_live, decision);
  draft_restart(decision);
  return decision;
}

metering::RestartDecision Module::recover_in_memory() {
  auto decision =
      decide_restart(account_->anchor, intent_, seen_.evidence, metering::Absence::module_was_away, reset_cause(seen_.evidence));
  for (auto& integrator : live_) integrator.restart();
  draft_restart(decision);
  return decision;
}

void Module::resume_live(const metering::LiveMemory& seen, const metering::RestartDecision& decision) {
  const auto& anchor = account_->anchor;
  if (seen.uid != identity_.uid || !anchor || !seen.since.same_boot_as(anchor->at)) return;
  // What was seen before a latch that is booked is booked with it. Where it ended is still where the hole begins.
  const bool is_unbooked = seen.since.at == anchor->at.at;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].has_sums()) continue;  // it was this process that saw it
    live_[i].resume({is_unbooked ? seen.channels[i].sums : metering::LiveEnergy{}, seen.channels[i].last});
    if (decision.which == metering::RestartCase::d) live_[i].restart();  // the module restarted: that hole is not bridged
  }
}

std::optional<metering::LiveMemory> Module::live_memory() {
  if (!account_ || !wants_every_window() || is_estimated()) return std::nullopt;
  // While a period waits for the disk, what was seen in it is in no ledger, and the older memory holds.
  const bool is_booked = is_stored_ && !has_draft_;
  if (is_booked && running_ && account_->anchor) {
    live_memory_ = metering::LiveMemory{identity_.uid, account_->anchor->at, {}};
    for (std::size_t i = 0; i < live_.size(); ++i) live_memory_->channels[i] = live_[i].state();
  }
  return live_memory_;
}

void Module::draft_restart(const metering::RestartDecision& decision) {
  const auto& evidence = seen_.evidence;
  unsettled_.reset();
  was_empty_ = !evidence.is_valid;
  theirs_.reset();
  if (decision.latched_by_stranger) theirs_ = seen_;
  reset_acknowledged_ = !evidence.reset_flag;
  reset_flag_since_ = evidence.now.at;
  ready_acknowledged_ = !evidence.period_ready;

  if (evidence.reset_flag) is_damaged_ = false;  // its REG_ERROR is that of this life
  saw(seen_);
  if (evidence.reset_flag) {
    draft_.reset = metering::ResetSeen{evidence.now, evidence.uptime_s, evidence.reset_cause};
    has_draft_ = true;
    // Whatever a module went through before it was ours is no news.
    if (decision.which != metering::RestartCase::e) findings_.add_restart(evidence);
  }
  if (decision.gap) {
    // Across host boots the clock may hide the whole time; that there was a gap is known all the same.
    const auto& span = decision.gap->span;
    if (span.length > Microseconds::zero() || !span.begin.same_boot_as(span.end))
      draft_.closed.push_back({decision.gap->span, decision.gap->quality, decision.gap->reason, decision.gap->note, {}});
    anchor_at({{}, decision.gap->span.end, std::max(decision.gap->span.length, metering::restart_uncertainty)}, seen_);
  }
  if (decision.bill_snapshot) {
    const auto& end = decision.bill_snapshot->span.end;
    if (end.same_boot_as(evidence.now)) {
      for (auto& integrator : live_) integrator.end(end.at);  // nobody saw what is between what was kept and that latch
    }
    auto period = closed(decision.bill_snapshot->span, seen_);
    if (period.reason != Reason::implausible) {
      period.quality = decision.bill_snapshot->quality;
      period.reason = decision.bill_snapshot->reason;
      period.note = decision.bill_snapshot->note;
    }
    mark_damage(period);
    anchor_at({{}, period.span.end, {}}, seen_);
    draft_.closed.push_back(std::move(period));
  }
  running_ = decision.running;
  if (running_) {
    for (auto& integrator : live_) integrator.begin(running_->since_here);
  }
  intent_.reset();
}

protocol::Events Module::saw_unlatched(const SnapshotRead& look) {
  // Whatever it went through before it was ours is no news.
  const bool is_ours = std::exchange(was_seen_unlatched_, true);
  if (look.evidence.reset_flag && is_ours) findings_.add_restart(look.evidence);
  if (look.evidence.reset_flag) is_damaged_ = false;
  seen_ = look;
  saw(look);
  return look.events & (protocol::Events{protocol::Event::reset_occurred} | protocol::Event::error |
                        protocol::Event::threshold_current | protocol::Event::threshold_power);
}

void Module::saw_error(protocol::ErrorCode error) {
  if (error == protocol::ErrorCode::ok) findings_.add_passed_error();
  findings_.add_error(error);
  note_damage(error);
}

void Module::saw(const SnapshotRead& look) {
  findings_.add_look(look);
  note_damage(look.state.error);
}

void Module::note_damage(protocol::ErrorCode error) {
  is_damaged_ = is_damaged_ || protocol::recovery_for(error) == protocol::Recovery::degrade;
}

std::optional<metering::ModuleReport> Module::take_report(std::optional<metering::Intent> next_intent) {
  if (!account_) return std::nullopt;
  if (unsettled_) next_intent = intent_;  // that latch is still open; its intent must stay
  if (!has_draft_ && (unsettled_ || !next_intent)) return std::nullopt;
  auto report = std::move(draft_);
  draft_ = {};
  has_draft_ = false;
  is_stored_ = false;
  report.module = account_->module;
  report.place = account_->place;
  report.next_intent = next_intent;
  if (!unsettled_) intent_ = next_intent;
  return report;
}

protocol::Events Module::to_acknowledge() const {
  protocol::Events handled;
  if (!ready_acknowledged_) handled = handled | protocol::Event::period_ready;
  if (!reset_acknowledged_) handled = handled | protocol::Event::reset_occurred;
  // News that was told; left set, they would hold DRDY low and hide the next ones.
  handled = handled | (seen_.events & (protocol::Events{protocol::Event::error} | protocol::Event::threshold_current |
                                       protocol::Event::threshold_power));
  return handled;
}

protocol::Events Module::stale() const {
  protocol::Events flags;
  if (!is_stored_ || has_draft_) return flags;
  if (!ready_acknowledged_) flags = flags | protocol::Event::period_ready;
  return flags;
}

void Module::acknowledged(protocol::Events handled, BootTime at) {
  // A flag that was not seen set may still come (up to 300 ms late) and then be stale: until then only a seen one counts as cleared.
  if (handled.has(protocol::Event::period_ready))
    ready_acknowledged_ = seen_.evidence.period_ready || at - seen_.evidence.now.at >= metering::unclear_wait;
  if (handled.has(protocol::Event::reset_occurred)) {
    reset_acknowledged_ = true;
    if (at - reset_flag_since_ > prompt_acknowledgement) cleared_unseen_since_ = reset_flag_since_;
  }
  seen_.events = protocol::Events{static_cast<std::uint8_t>(seen_.events.raw() & ~handled.raw())};
}

bool Module::round_begins() {
  const auto covered = covered_until();
  const bool is_measured = has_voltage(dialect_.variant) || is_estimated();  // others have no energy to book
  const auto is_same = [](const auto& a, const auto& b) { return a ? b && a->same_boot_as(*b) && a->at == b->at : !b; };
  const bool is_unbooked = state == State::metering && is_measured && is_same(covered, covered_at_round_);
  covered_at_round_ = covered;
  rounds_unbooked_ = is_unbooked ? rounds_unbooked_ + 1 : 0;
  return rounds_unbooked_ == most_unbooked;
}

bool Module::wants_every_window() const {
  if (is_estimated()) return true;
  if (!has_voltage(dialect_.variant)) return false;
  if (assignment_.lends_voltage || assignment_.role != metering::Role::load) return true;
  return std::any_of(assignment_.channels.begin(), assignment_.channels.end(),
                     [](const ChannelAssignment& c) { return c.invert; });
}

void Module::integrate(const LiveRead& read, VoltageBoard& voltages, bool has_missed) {
  if (is_estimated()) return integrate_estimate(read, voltages);
  if (read.block.voltage) voltages.note(assignment_.place_id, *read.block.voltage);
  for (const auto& channel : assignment_.channels) {
    const std::size_t i = channel.index.value();
    if (const auto power = read.block.channels[i].active_power) live_[i].add(read.at, *power, has_missed);
  }
}

metering::Reading Module::reading(const LiveRead& read, UtcTime utc) const {
  metering::Reading reading;
  reading.module_id = assignment_.place_id;
  reading.at = read.at;
  reading.utc = utc;
  reading.voltage = read.block.voltage;
  if (read.frequency) reading.frequency = read.frequency->frequency;
  for (const auto& channel : assignment_.channels) {
    const auto& live = read.block.channels[channel.index.value()];
    metering::ChannelReading values{channel.index, channel.id, live.current, live.active_power, std::nullopt, live.power_factor};
    if (read.reactive) values.reactive_power = read.reactive->power[channel.index.value()];
    values.ruler_ratio = findings_.ruler_ratio(channel.index);
    values.period_ruler_ratio = findings_.period_ruler_ratio(channel.index);
    if (channel.invert) {
      if (values.active_power) values.active_power = -*values.active_power;
      if (values.reactive_power) values.reactive_power = -*values.reactive_power;
      if (values.power_factor) values.power_factor = -*values.power_factor;
    }
    reading.channels.push_back(std::move(values));
  }
  return reading;
}

}  // namespace rbamp::fleet
