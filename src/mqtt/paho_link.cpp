#include "mqtt/paho_link.hpp"

#include <MQTTAsync.h>
#include <mqtt/async_client.h>

#include <list>
#include <mutex>
#include <set>
#include <utility>

#include "mqtt/secret.hpp"
#include "mqtt/tls_diagnosis.hpp"

namespace rbamp::mqtt {
namespace {

using Kind = ConnectFailure::Kind;

constexpr std::chrono::seconds keep_alive{30};
constexpr std::chrono::seconds connect_timeout{10};
/// Paho would wait so long for acknowledgements that are under way, and looks at its watch only every 3 s. What was published is on
/// the wire before the DISCONNECT in any case.
constexpr int no_wait_ms = 0;
constexpr std::chrono::milliseconds will_limit{200};
constexpr int most_in_flight = 20;
/// More than any message that is meant for us; a shared broker may hold anything.
constexpr std::size_t largest_incoming = std::size_t{256} * 1024;
/// TLS 1.2 at least, whatever the system's OpenSSL configuration allows: below 1.2 none of these can be agreed on, and 1.3 has a
/// list of its own. Paho's version option would fix one version instead of a minimum.
constexpr const char* ciphers = "HIGH+TLSv1.2:!aNULL:!eNULL:!PSK:!SRP";

int paho_version(ProtocolVersion version) { return version == ProtocolVersion::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1; }

::mqtt::connect_options options_for(const ConnectRequest& request, const std::string& password) {
  ::mqtt::connect_options options;
  options.set_mqtt_version(paho_version(request.version));
  if (request.version == ProtocolVersion::v5) {
    options.set_clean_start(true);
  } else {
    options.set_clean_session(true);
  }
  options.set_keep_alive_interval(keep_alive);
  options.set_connect_timeout(connect_timeout);
  options.set_max_inflight(most_in_flight);
  options.set_will_message(::mqtt::message{request.will.topic, request.will.payload, 1, request.will.is_retained});
  if (!request.username.empty()) {
    options.set_user_name(request.username);
    if (!password.empty()) options.set_password(password);
  }
  if (request.broker.is_tls) {
    ::mqtt::ssl_options tls;
    if (!request.tls.ca_file.empty()) tls.set_trust_store(request.tls.ca_file);
    if (!request.tls.cert_file.empty()) {
      tls.set_key_store(request.tls.cert_file);
      tls.set_private_key(request.tls.key_file.empty() ? request.tls.cert_file : request.tls.key_file);
    }
    const bool is_verified = !request.tls.skips_verification;
    tls.set_enable_server_cert_auth(is_verified);
    tls.set_verify(is_verified);  // the host name: without it Paho accepts a certificate for another host
    tls.set_enabled_cipher_suites(ciphers);
    options.set_ssl(tls);
  }
  return options;
}

/// CONNACK: 1 to 5 in MQTT 3.1.1, 0x80 and up in MQTT 5.
ConnectFailure refusal_of(int code, const ConnectRequest& request) {
  switch (code) {
    case 1:
    case 0x84: return {Kind::version, "it does not speak this version of MQTT"};
    case 2:
    case 0x85: return {Kind::credentials, "it does not accept the client id " + request.client_id};
    case 4:
    case 5:
    case 0x86:
    case 0x87:
    case 0x8C:
      return {Kind::credentials, request.username.empty()
                                     ? "it wants a user and a password: set mqtt.username and mqtt.password_file"
                                     : "it refuses user " + request.username + ": check the name and the password"};
    case 3:
    case 0x88:
    case 0x89: return {Kind::refused, "it says that it is not available now"};
    case 0x8A: return {Kind::credentials, "this client is banned there"};
    default: return {Kind::refused, "it refuses the connection, code " + std::to_string(code)};
  }
}

std::string refusal_words(const ::mqtt::token& token) {
  const int reason = static_cast<int>(token.get_reason_code());
  switch (reason) {
    case 0x87: return "not authorized";
    case 0x8F:
    case 0x90: return "topic not allowed";
    case 0x97: return "quota exceeded";
    case 0x95: return "message too large";
    default: return "code " + std::to_string(reason > 0x7F && reason < 0x100 ? reason : token.get_return_code());
  }
}

/// The request ended with its connection, which is reported by itself: no answer of the broker.
bool was_cut_off(const ::mqtt::token& token) {
  const int code = token.get_return_code();
  return code == MQTTASYNC_OPERATION_INCOMPLETE || code == MQTTASYNC_DISCONNECTED;
}

/// Why an MQTT 5 broker ends a connection.
std::string disconnect_words(int reason) {
  switch (reason) {
    case 0x8B: return "it shuts down";
    case 0x8D: return "it heard nothing for too long";
    case 0x8E: return "another client uses the same client id";
    case 0x98: return "an administrator ended the connection";
    default: return "it ended the connection, code " + std::to_string(reason);
  }
}

/// OpenSSL initialises itself when TLS is used. Paho would do it for every connection, the plain ones too, and load all algorithms and
/// error texts: 1.5 MB that stay resident. To be said before the first client of the process exists, since Paho makes its locks anew
/// with it; hence before main().
[[maybe_unused]] const bool is_prepared = []() noexcept {
  MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
  options.do_openssl_init = 0;
  MQTTAsync_global_init(&options);
  return true;
}();

}  // namespace

class PahoLink::Client final : public ::mqtt::callback {
 public:
  Client(ConnectRequest request, Reports reports)
      : request_(std::move(request)),
        reports_(std::move(reports)),
        client_(to_string(request_.broker), request_.client_id, ::mqtt::create_options{paho_version(request_.version)}) {
    client_.set_callback(*this);
    // An MQTT 5 broker says why it ends the connection. Paho 1.2 (Debian 12) reports the lost connection afterwards as well, 1.5
    // (Debian 13) does not.
    client_.set_disconnected_handler([this](const ::mqtt::properties&, ::mqtt::ReasonCode reason) {
      report_lost(disconnect_words(static_cast<int>(reason)));
    });
  }

  // Paho's threads ------------------------------------------------------------------------------------------------------------
  void connected(const std::string& /*cause*/) override { reports_.connected(); }
  void connection_lost(const std::string& cause) override { report_lost(cause.empty() ? "the connection broke" : cause); }
  void message_arrived(::mqtt::const_message_ptr message) override {
    if (message->get_payload_ref().size() > largest_incoming) return;
    reports_.message(Message{message->get_topic(), message->get_payload_str(), message->is_retained()});
  }

  // Worker --------------------------------------------------------------------------------------------------------------------
  void connect(const std::string& password) {
    connect_token_ = client_.connect(options_for(request_, password), nullptr, connect_listener_);
  }

  ConnectFailure explain() {
    try {
      connect_token_->try_wait();  // complete by now: throws what happened
    } catch (const ::mqtt::exception& error) {
      return explained(error.get_return_code(), error.get_message());
    }
    return {Kind::unreachable, "the attempt failed"};
  }

  void publish(Ticket ticket, Message message) {
    const Ticket* context = nullptr;
    {
      const std::scoped_lock lock{mutex_};
      context = &*unacknowledged_.insert(ticket).first;
    }
    try {
      client_.publish(::mqtt::make_message(std::move(message.topic), std::move(message.payload), 1, message.is_retained),
                      const_cast<Ticket*>(context),  // NOLINT(cppcoreguidelines-pro-type-const-cast): Paho's void*
                      delivery_listener_);
    } catch (const ::mqtt::exception& error) {
      // Without a connection its end is being reported, and with it goes everything that was in flight.
      if (error.get_return_code() != MQTTASYNC_DISCONNECTED) settle(ticket, error.what());
    }
  }

  void subscribe(std::string filter) {
    auto& listener = subscribe_listeners_.emplace_back(*this, std::move(filter));
    try {
      client_.subscribe(listener.filter, 1, nullptr, listener);
    } catch (const ::mqtt::exception& error) {
      if (error.get_return_code() != MQTTASYNC_DISCONNECTED) reports_.subscribed(listener.filter, error.what());
    }
  }

  void unsubscribe(const std::string& filter) {
    try {
      client_.unsubscribe(filter);
    } catch (const ::mqtt::exception&) {
      // Not connected: the subscription is gone anyway.
    }
  }

  void disconnect() {
    try {
      client_.disconnect(no_wait_ms, nullptr, disconnect_listener_);
    } catch (const ::mqtt::exception&) {
      reports_.closed();  // not connected any more
    }
  }

  void leave_will() {
    try {
      if (!client_.is_connected()) return;
      // By ourselves: 3.1.1 has no DISCONNECT that keeps the will, and Paho C++ 1.2 does not send the reason code that does in MQTT 5.
      // It follows what is on the wire already and precedes the DISCONNECT. When the wire takes nothing any more, Paho sends no
      // DISCONNECT either, and the broker publishes the will.
      const auto& will = request_.will;
      will_token_ = client_.publish(::mqtt::make_message(will.topic, will.payload, 1, will.is_retained));
      will_token_->wait_for(will_limit);
    } catch (const ::mqtt::exception&) {
      // The connection broke meanwhile: the broker publishes the will by itself.
    }
  }

 private:
  struct Listener : ::mqtt::iaction_listener {
    explicit Listener(Client& owner) : client(owner) {}
    Client& client;
  };
  struct ConnectListener final : Listener {
    using Listener::Listener;
    void on_failure(const ::mqtt::token& /*token*/) override { client.reports_.connect_failed(); }
    void on_success(const ::mqtt::token& /*token*/) override {}  // fires twice; connected() is the event
  };
  struct DeliveryListener final : Listener {
    using Listener::Listener;
    void on_failure(const ::mqtt::token& token) override {
      if (!was_cut_off(token)) client.settle(ticket_of(token), refusal_words(token));
    }
    void on_success(const ::mqtt::token& token) override { client.settle(ticket_of(token), {}); }
    static Ticket ticket_of(const ::mqtt::token& token) { return *static_cast<const Ticket*>(token.get_user_context()); }
  };
  struct SubscribeListener final : Listener {
    SubscribeListener(Client& owner, std::string name) : Listener(owner), filter(std::move(name)) {}
    void on_failure(const ::mqtt::token& token) override {
      if (!was_cut_off(token)) client.reports_.subscribed(filter, refusal_words(token));
    }
    void on_success(const ::mqtt::token& /*token*/) override { client.reports_.subscribed(filter, {}); }
    const std::string filter;
  };
  struct DisconnectListener final : Listener {
    using Listener::Listener;
    void on_failure(const ::mqtt::token& /*token*/) override { client.reports_.closed(); }
    void on_success(const ::mqtt::token& /*token*/) override { client.reports_.closed(); }
  };

  /// Any thread. The first cause counts.
  void report_lost(std::string words) {
    {
      const std::scoped_lock lock{mutex_};
      if (std::exchange(is_lost_told_, true)) return;
    }
    reports_.lost(std::move(words));
  }
  /// Any thread.
  void settle(Ticket ticket, std::string refusal) {
    {
      const std::scoped_lock lock{mutex_};
      unacknowledged_.erase(ticket);
    }
    reports_.delivered(ticket, std::move(refusal));
  }

  [[nodiscard]] ConnectFailure explained(int code, const std::string& paho_words) const {
    if (code > 0) return refusal_of(code, request_);
    // Paho has one code for everything below MQTT; its words tell the cases apart (the same in 1.3.12 and 1.3.14 of the C library).
    if (paho_words == "TCP connect timeout")
      return {Kind::unreachable, "no answer within " + std::to_string(connect_timeout.count()) + " s"};
    if (paho_words == "TCP connect completion failure") return {Kind::unanswered, "it closed the connection without an answer"};
    if (request_.broker.is_tls) return diagnose_tls(request_.broker, request_.tls);
    if (paho_words == "TCP/TLS connect failure")
      return {Kind::unreachable, "the connection is refused: is the broker running, and is the port right?"};
    return {Kind::unreachable, "the host " + request_.broker.host + " is not found or cannot be reached"};
  }

  const ConnectRequest request_;
  const Reports reports_;
  std::mutex mutex_;
  std::set<Ticket> unacknowledged_;  // guarded; a node's address is the context of its message
  bool is_lost_told_ = false;        // guarded
  ConnectListener connect_listener_{*this};
  DeliveryListener delivery_listener_{*this};
  DisconnectListener disconnect_listener_{*this};
  std::list<SubscribeListener> subscribe_listeners_;
  ::mqtt::token_ptr connect_token_;
  ::mqtt::delivery_token_ptr will_token_;  // outlives the wait: Paho's thread may still be waking us
  ::mqtt::async_client client_;            // destroyed first: after that no callback comes
};

PahoLink::PahoLink(ConnectRequest request, Reports reports) : request_(std::move(request)), reports_(std::move(reports)) {}
PahoLink::~PahoLink() = default;

std::optional<ConnectFailure> PahoLink::connect() {
  fingerprint_ = fingerprint(request_);  // before they are used: a change in between shows later
  const auto password = load_password(request_.password_file);
  if (!password) return ConnectFailure{Kind::settings, password.error().detail};
  if (request_.broker.is_tls) {
    if (auto words = unreadable(request_.tls); !words.empty()) return ConnectFailure{Kind::settings, std::move(words)};
  }
  try {
    client_ = std::make_unique<Client>(request_, reports_);
    client_->connect(*password);
  } catch (const ::mqtt::exception& error) {
    return ConnectFailure{Kind::refused, std::string{"the client library cannot begin: "} + error.what()};
  }
  return std::nullopt;
}

ConnectFailure PahoLink::explain() { return client_->explain(); }
void PahoLink::publish(Ticket ticket, Message message) { client_->publish(ticket, std::move(message)); }
void PahoLink::subscribe(std::string filter) { client_->subscribe(std::move(filter)); }
void PahoLink::unsubscribe(const std::string& filter) { client_->unsubscribe(filter); }
void PahoLink::disconnect() { client_->disconnect(); }
void PahoLink::leave_will() {
  if (client_) client_->leave_will();
}
bool PahoLink::is_outdated() const { return fingerprint(request_) != fingerprint_; }

}  // namespace rbamp::mqtt
