// The life of the publisher: sessions, start-up order, birth messages, the end. What it says is in publisher_states.cpp.
#include "mqtt/publisher.hpp"

#include <algorithm>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::mqtt {
namespace {

constexpr const char* online = "online";
constexpr const char* offline = "offline";
constexpr Microseconds shortest_birth_delay = std::chrono::milliseconds{500};
constexpr Microseconds longest_birth_delay = std::chrono::seconds{3};

}  // namespace

Message Publisher::will(const config::Mqtt& settings) { return {Topics{settings.base_topic, {}}.status(), offline, true}; }

Publisher::Publisher(PublisherOptions options, ConnectRequest request, Connection& connection, loop::Scheduler& scheduler,
                     PublisherControls controls, StateStore& store, log::Logger& logger)
    : options_(std::move(options)),
      topics_(options_.mqtt.base_topic, options_.homeassistant.prefix),
      scheduler_(scheduler),
      logger_(logger),
      random_(options_.seed),
      commands_(controls.fleet, controls.settings, scheduler.clock(), logger),
      session_(std::move(request), connection, scheduler, *this, logger, options_.seed) {
  if (options_.homeassistant.discovery) {
    discovery_.emplace(topics_, Origin{.software_version = options_.software_version}, scheduler.clock(), store, logger);
  }
}

Publisher::~Publisher() = default;

void Publisher::start() { session_.start(); }

void Publisher::refresh() { session_.renew(); }

void Publisher::session_outdated() {
  if (phase_ != Phase::stopping) session_.reconnect();
}

void Publisher::session_up() {
  phase_ = Phase::reading_back;
  is_status_owed_ = true;
  is_refusal_told_ = false;
  outbox_.clear();
  if (discovery_) {
    session_.connection().subscribe(options_.homeassistant.birth_topic);
    subscribe_discovery();
  }
  if (has_read_back_) {
    // What we published ourselves is known; what a restored broker holds must not count.
    go_online();
    return;
  }
  // Before the registers, whose answer ends the read back.
  session_.connection().subscribe(topics_.module_status_filter());
  session_.connection().subscribe(topics_.energy_filter());
  read_back_timer_ = scheduler_.call_after(read_back_limit, [this] { end_read_back(); });
}

void Publisher::session_down() {
  phase_ = Phase::offline;
  in_flight_.clear();
  outbox_.clear();
  forgetting_.reset();
  end_survey(Error{Errc::mqtt_unreachable, Remedy::wait, "the connection to the MQTT broker was lost: try again later"});
  for (auto* timer : {&read_back_timer_, &live_timer_, &discovery_timer_, &birth_timer_, &acknowledge_timer_, &forget_timer_,
                      &take_over_timer_})
    timer->cancel();
}

void Publisher::subscribe_discovery() {
  for (const auto& object_id : discovery_->schedule().object_ids()) session_.connection().subscribe(topics_.discovery(object_id));
}

void Publisher::session_subscribed(const std::string& filter, const std::string& refusal) {
  if (!refusal.empty() && !is_refusal_told_) {
    is_refusal_told_ = true;
    logger_.warning("the MQTT broker refuses the subscription to " + filter + " (" + refusal + "): check its access rules", {},
                    log::message_id::broker_refuses);
  }
  if (phase_ != Phase::reading_back || filter != topics_.energy_filter()) return;
  // What the broker retains follows its answer at once.
  read_back_timer_ = scheduler_.call_after(refusal.empty() ? read_back_pause : Microseconds::zero(), [this] { end_read_back(); });
}

bool Publisher::has_read_all_back() const {
  // One that was online may be found any moment: the pause is its chance to be so without having been offline.
  if (!absent_.empty()) return false;
  // Without any register of ours to wait for, the pause decides: modules may be found any moment.
  bool has_any = false;
  for (const auto& [module_id, view] : modules_) {
    if (!view.description || !view.description->has_energy()) continue;
    for (const auto& channel : view.description->channels) {
      if (!guard_.knows(topics_.channel_energy(module_id, channel.id))) return false;
      has_any = true;
    }
  }
  return has_any;
}

void Publisher::end_read_back() {
  read_back_timer_.cancel();
  has_read_back_ = true;
  session_.connection().unsubscribe(topics_.module_status_filter());
  session_.connection().unsubscribe(topics_.energy_filter());
  go_online();
}

void Publisher::go_online() {
  phase_ = Phase::online;
  if (discovery_) {
    discovery_->schedule().owe_all(false);
    hand_over();
  }
  put_everything(Rank::module_status);
  next_live_ = scheduler_.clock().boot_now() + options_.mqtt.live_interval;
  pump();
}

bool Publisher::is_birth(const Message& message) const {
  return discovery_ && message.topic == options_.homeassistant.birth_topic &&
         message.payload == options_.homeassistant.birth_payload;
}

void Publisher::birth_seen(const Message& message) {
  // A retained one arrives with our own start and is answered by it; a burst of births is one birth.
  if (message.is_retained || phase_ != Phase::online || birth_timer_.is_set()) return;
  birth_timer_ = scheduler_.call_after(random_time(random_, shortest_birth_delay, longest_birth_delay), [this] { on_birth(); });
}

void Publisher::on_birth() {
  birth_timer_.cancel();
  logger_.debug("Home Assistant has started: everything is announced again");
  discovery_->schedule().owe_all(true);
  outbox_.next_batch();
  if (!is_status_owed_) put(Rank::early_status, topics_.status(), online);
  put_everything(Rank::early_status);
  want_pump();
}

void Publisher::session_message(const Message& message) {
  if (forgetting_ && message.is_retained && !message.payload.empty() && message.topic.starts_with(*forgetting_)) {
    put(Rank::state, message.topic, {});
    want_pump();
    return;
  }
  if (survey_ && message.is_retained && survey_->entities.size() < most_surveyed) {
    if (auto entity = parse_foreign(topics_.prefix(), message.topic, message.payload)) {
      survey_->entities.push_back(std::move(*entity));
      return;
    }
  }
  if (is_birth(message)) {
    birth_seen(message);
    return;
  }
  const Incoming incoming = classify(topics_, message);
  if (const auto* held = std::get_if<EnergyHeld>(&incoming)) {
    // Also after the read back: the rest of one answer may be on its way, and belong to a module that is found later.
    if (const auto seen = parse_energy(message.payload)) guard_.remember(held->topic, *seen);
    if (phase_ == Phase::online) clear_held_channel(held->topic);
    if (phase_ == Phase::reading_back && has_read_all_back()) end_read_back();
  } else if (const auto* module = std::get_if<OnlineHeld>(&incoming)) {
    online_held(module->module_id);
  } else if (const auto* seen = std::get_if<DiscoverySeen>(&incoming)) {
    if (!discovery_) return;
    if (seen->is_empty) {
      discovery_->on_emptied(seen->object_id);
    } else if (message.is_retained) {
      discovery_->on_held(seen->object_id, message.payload, phase_ == Phase::reading_back);
      want_pump();
    }
  } else if (phase_ != Phase::online) {
    return;
  } else if (std::holds_alternative<LatchPressed>(incoming)) {
    commands_.latch(message.topic);
  } else if (const auto* restart = std::get_if<RestartPressed>(&incoming)) {
    commands_.restart(message.topic, restart->module_id);
  } else if (const auto* setting = std::get_if<SettingWanted>(&incoming)) {
    setting_wanted(message.topic, *setting);
  } else if (const auto* refused = std::get_if<CommandRefused>(&incoming)) {
    commands_.refuse(message.topic, refused->words);
  }
}

void Publisher::stop(std::function<void()> done) {
  if (phase_ == Phase::stopping) return;
  stopped_ = std::move(done);
  const bool was_online = phase_ == Phase::online;
  phase_ = Phase::stopping;
  end_survey(Error{Errc::cancelled, Remedy::give_up, "the connection to the MQTT broker ends"});
  for (auto* timer : {&read_back_timer_, &live_timer_, &discovery_timer_, &birth_timer_, &acknowledge_timer_, &forget_timer_,
                      &take_over_timer_})
    timer->cancel();
  if (!was_online) {
    stop_timer_ = scheduler_.call_after(offline_limit, [this] { finish_stop(); });
    session_.close();
    return;
  }
  stop_timer_ = scheduler_.call_after(offline_limit, [this] {
    session_.cut();
    finish_stop();
  });
  is_status_owed_ = false;
  outbox_.next_batch();
  put(Rank::status, topics_.status(), offline);
  pump();
}

void Publisher::session_closed() { finish_stop(); }

void Publisher::finish_stop() {
  stop_timer_.cancel();
  session_.cut();
  phase_ = Phase::offline;
  if (const auto done = std::exchange(stopped_, nullptr)) done();
}

void Publisher::want_pump() {
  if (is_pump_wanted_ || phase_ != Phase::online) return;
  is_pump_wanted_ = true;
  scheduler_.post([this, guard = alive_.guard()] {
    if (guard.expired()) return;
    is_pump_wanted_ = false;
    pump();
  });
}

void Publisher::pump() {
  if (phase_ != Phase::online && phase_ != Phase::stopping) return;
  if (discovery_ && phase_ == Phase::online) put_due_discovery();
  while (in_flight_.size() < window) {
    if (is_status_owed_ && !(discovery_ && discovery_->schedule().is_owing())) {
      is_status_owed_ = false;
      put(Rank::status, topics_.status(), online);
    }
    auto next = outbox_.take();
    if (!next) break;
    send(next->first, std::move(next->second));
  }
  outbox_.next_batch();
}

void Publisher::put_due_discovery() {
  auto& schedule = discovery_->schedule();
  const BootTime now = scheduler_.clock().boot_now();
  for (const auto& object_id : schedule.due(now, discovery_->bridge())) {
    put(Rank::config, topics_.discovery(object_id), schedule.payload(object_id));
  }
  // What is due now waits in the outbox; only a later time needs a timer.
  if (const auto next = schedule.next(); next && *next > now) {
    discovery_timer_ = scheduler_.call_at(*next, [this] {
      discovery_timer_.cancel();
      pump();
    });
  }
}

void Publisher::send(Rank rank, Message message) {
  const BootTime now = scheduler_.clock().boot_now();
  if (rank == Rank::config && discovery_) {
    const Incoming whose = classify(topics_, message);
    if (const auto* ours = std::get_if<DiscoverySeen>(&whose); ours != nullptr && !ours->is_empty) {
      if (discovery_->schedule().is_discarded(ours->object_id)) return;
      discovery_->schedule().sent(ours->object_id, now);
    }
  }
  const Ticket ticket = next_ticket_++;
  in_flight_.emplace(ticket, now);
  const bool says_online = rank == Rank::status && phase_ == Phase::online;
  if (rank == Rank::status && phase_ == Phase::stopping) farewell_ = ticket;
  session_.connection().publish(ticket, std::move(message));
  if (!acknowledge_timer_.is_set()) watch_acknowledgements();
  if (says_online) {
    // Last of all: nobody may command what is not announced yet.
    session_.connection().subscribe(topics_.latch_command());
    session_.connection().subscribe(topics_.restart_filter());
    session_.connection().subscribe(topics_.set_filter());
  }
}

void Publisher::watch_acknowledgements() {
  acknowledge_timer_.cancel();
  if (in_flight_.empty()) return;
  const BootTime oldest = in_flight_.begin()->second;
  if (scheduler_.clock().boot_now() - oldest >= acknowledge_limit) {
    session_.drop("it does not acknowledge messages any more");
    return;
  }
  acknowledge_timer_ = scheduler_.call_at(oldest + acknowledge_limit, [this] { watch_acknowledgements(); });
}

void Publisher::session_delivered(Ticket ticket, const std::string& refusal) {
  in_flight_.erase(ticket);
  if (!refusal.empty() && !is_refusal_told_) {
    is_refusal_told_ = true;
    logger_.warning("the MQTT broker refuses messages (" + refusal + "): check its access rules and limits", {},
                    log::message_id::broker_refuses);
  }
  if (farewell_ == ticket) {
    farewell_.reset();
    stop_timer_ = scheduler_.call_after(stop_limit - offline_limit, [this] { finish_stop(); });
    session_.close();
    return;
  }
  pump();
}

DiscoverySet Publisher::discovery() const { return discovery_ ? discovery_->current() : DiscoverySet{}; }

}  // namespace rbamp::mqtt
