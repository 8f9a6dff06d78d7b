#include "mqtt/session.hpp"

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::mqtt {
namespace {

using Kind = ConnectFailure::Kind;

ProtocolVersion other(ProtocolVersion version) {
  return version == ProtocolVersion::v5 ? ProtocolVersion::v3_1_1 : ProtocolVersion::v5;
}

std::string_view to_string(ProtocolVersion version) { return version == ProtocolVersion::v5 ? "MQTT 5" : "MQTT 3.1.1"; }

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::unreachable: return "mqtt_unreachable";
    case Kind::unanswered: return "mqtt_unanswered";
    case Kind::version: return "mqtt_version";
    case Kind::credentials: return "mqtt_credentials";
    case Kind::tls: return "mqtt_tls";
    case Kind::settings: return "mqtt_settings";
    case Kind::refused: return "mqtt_refused";
  }
  return "unknown";
}

/// Whether waiting may help, or a person must do something.
log::Level level_of(Kind kind) {
  switch (kind) {
    case Kind::credentials:
    case Kind::tls:
    case Kind::settings: return log::Level::error;
    case Kind::unreachable:
    case Kind::unanswered:
    case Kind::version:
    case Kind::refused: return log::Level::warning;
  }
  return log::Level::warning;
}

}  // namespace

Session::Session(ConnectRequest request, Connection& connection, loop::Scheduler& scheduler, Handler& handler,
                 log::Logger& logger, std::uint32_t seed)
    : request_(std::move(request)),
      preferred_version_(request_.version),
      connection_(connection),
      scheduler_(scheduler),
      handler_(handler),
      logger_(logger),
      backoff_(seed) {
  connection_.set_events(this);
}

Session::~Session() { connection_.set_events(nullptr); }

void Session::start() {
  if (state_ != State::idle) return;
  warn_if_unverified();
  attempt();
}

void Session::attempt() {
  state_ = State::connecting;
  timer_ = scheduler_.call_after(attempt_limit, [this] { attempt_timed_out(); });
  connection_.connect(request_);
}

void Session::attempt_timed_out() {
  connection_.abandon();
  on_connect_failed({Kind::unreachable, "no answer within 30 s"});
}

void Session::on_connected() {
  if (state_ != State::connecting) return;
  state_ = State::up;
  trouble_.clear();
  has_tried_both_versions_ = false;
  timer_ = scheduler_.call_after(stable_after, [this] { became_stable(); });
  // While connections keep breaking, "connected again" would be a lie: wait until this one has lasted.
  if (is_stable_) log_back();
  handler_.session_up();
}

void Session::became_stable() {
  timer_.cancel();
  backoff_.reset();
  if (!is_stable_) log_back();
  is_stable_ = true;
}

void Session::on_connect_failed(const ConnectFailure& failure) {
  if (state_ != State::connecting) return;
  ++failed_attempts_;
  if (failure.kind == Kind::version && !has_tried_both_versions_) {
    has_tried_both_versions_ = true;
    request_.version = other(request_.version);
    attempt();  // the broker answered at once, so may we
    return;
  }
  // An old broker may close the connection instead of refusing the version.
  if (failure.kind == Kind::unanswered) request_.version = other(request_.version);
  trouble_ = failure.words;
  log_failure(failure);
  wait_and_attempt();
}

void Session::on_lost(const std::string& words) {
  if (state_ == State::closing) {
    on_closed();
    return;
  }
  if (state_ != State::up) return;
  trouble_ = words;
  const bool was_stable = timer_.is_set() ? false : is_stable_;
  const bool is_first_break = is_stable_;
  is_stable_ = was_stable;
  if (!is_trouble_told_) trouble_since_ = scheduler_.clock().boot_now();
  if (is_first_break) {
    is_trouble_told_ = true;
    told_kind_.reset();
    failed_attempts_ = 0;
    const std::string broker = to_string(request_.broker);
    logger_.warning("the MQTT broker " + broker + " is gone (" + words + "): metering goes on, connecting again" +
                        (was_stable ? ""
                                    : "; does another client use the client id " + request_.client_id +
                                          "? Nothing more is said until a connection lasts"),
                    {{log::field::broker, broker}, {log::field::error, words}}, log::message_id::broker_lost);
  }
  request_.version = preferred_version_;
  has_tried_both_versions_ = false;
  handler_.session_down();
  wait_and_attempt();
}

void Session::wait_and_attempt() {
  state_ = State::waiting;
  timer_ = scheduler_.call_after(backoff_.next(), [this] { attempt(); });
}

void Session::drop(const std::string& why) {
  if (state_ != State::up) return;
  connection_.abandon();
  on_lost(why);
}

void Session::renew() {
  if (state_ != State::idle && state_ != State::closing) warn_if_unverified();
  if (state_ == State::up) {
    connection_.check_files();
  } else if (state_ == State::waiting) {
    attempt();
  }
}

void Session::on_outdated() {
  if (state_ == State::up) handler_.session_outdated();
}

void Session::reconnect() {
  if (state_ != State::up) return;
  const std::string broker = to_string(request_.broker);
  logger_.info("the password or a certificate for the MQTT broker " + broker + " has changed: connecting anew",
               {{log::field::broker, broker}});
  handler_.session_down();
  // The next attempt may fail for ever, with the new files as well: until it succeeds nothing may look alive.
  connection_.abandon();
  attempt();
}

void Session::close() {
  if (state_ == State::closing) return;
  const bool was_up = state_ == State::up;
  timer_.cancel();
  state_ = State::closing;
  if (was_up) {
    connection_.disconnect();
    return;
  }
  connection_.abandon();
  on_closed();
}

void Session::cut() {
  timer_.cancel();
  state_ = State::idle;
  connection_.abandon();
}

void Session::on_closed() {
  if (state_ != State::closing) return;
  state_ = State::idle;
  handler_.session_closed();
}

void Session::log_failure(const ConnectFailure& failure) {
  if (!is_trouble_told_) trouble_since_ = scheduler_.clock().boot_now();
  if (is_trouble_told_ && told_kind_ == failure.kind) return;
  // After a loss the broker is known to be gone; that it cannot be reached is no news.
  const bool is_news = !is_trouble_told_ || told_kind_ || level_of(failure.kind) == log::Level::error;
  is_trouble_told_ = true;
  told_kind_ = failure.kind;
  if (!is_news) return;
  const std::string broker = to_string(request_.broker);
  logger_.tell(
      level_of(failure.kind), "no connection to the MQTT broker " + broker + ": " + failure.words + "; trying again for ever",
      {{log::field::broker, broker}, {log::field::error, std::string{to_string(failure.kind)}}}, log::message_id::broker_lost);
}

void Session::log_back() {
  const std::string broker = to_string(request_.broker);
  const std::string how =
      std::string{to_string(request_.version)} + (request_.tls.skips_verification ? ", its certificate NOT verified" : "");
  if (!is_trouble_told_) {
    logger_.info("connected to the MQTT broker " + broker + " (" + how + ")", {{log::field::broker, broker}},
                 log::message_id::broker_back);
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(scheduler_.clock().boot_now() - trouble_since_).count();
  logger_.info("connected to the MQTT broker " + broker + " again (" + how + ") after " + std::to_string(seconds) + " s",
               {{log::field::broker, broker}, {log::field::attempts, std::to_string(failed_attempts_ + 1)}},
               log::message_id::broker_back);
  warn_if_unverified();
  is_trouble_told_ = false;
  told_kind_.reset();
  failed_attempts_ = 0;
}

void Session::warn_if_unverified() {
  if (!request_.tls.skips_verification) return;
  const std::string broker = to_string(request_.broker);
  logger_.warning("mqtt.insecure_skip_tls_verify is true: nobody looks at the certificate of the MQTT broker " + broker +
                      ". Anyone on the network between can pretend to be it, read the password and give orders. Remove the key; "
                      "mqtt.ca_file names an authority that the system does not know",
                  {{log::field::broker, broker}}, log::message_id::broker_unverified);
}

}  // namespace rbamp::mqtt
