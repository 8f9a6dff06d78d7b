// One connection to a broker, as the publisher needs it. The real one is PahoConnection; unit tests use a fake.
#pragma once

#include <cstdint>
#include <string>

#include "config/broker_url.hpp"
#include "config/mqtt.hpp"
#include "mqtt/message.hpp"

namespace rbamp::mqtt {

enum class ProtocolVersion { v5, v3_1_1 };

struct TlsSettings {
  std::string ca_file;              ///< empty: the system's CAs
  std::string cert_file;            ///< empty: no client certificate
  std::string key_file;             ///< empty: the key is in cert_file
  bool skips_verification = false;  ///< mqtt.insecure_skip_tls_verify
};

/// Everything a connection attempt needs. Files are read at each attempt, so a renewed certificate or password needs no restart.
/// The server's certificate and host name are verified, unless the owner forbade it in so many words.
struct ConnectRequest {
  config::BrokerUrl broker;
  ProtocolVersion version = ProtocolVersion::v5;
  std::string client_id;
  std::string username;
  std::string password_file;  ///< as for load_password
  TlsSettings tls;
  Message will;
};

/// The attempts that this configuration asks for, with `will` as last will. Error: config_invalid, as of config::parse_broker_url.
[[nodiscard]] Result<ConnectRequest> connect_request(const config::Mqtt& settings, Message will);
/// "mqtts://broker.example:8883", for logs and for the client library.
[[nodiscard]] std::string to_string(const config::BrokerUrl& broker);

struct ConnectFailure {
  enum class Kind {
    unreachable,  ///< name not found, refused, timed out
    unanswered,   ///< connected and closed without an answer: starting up, or not speaking this protocol version
    version,      ///< the broker does not speak this protocol version
    credentials,  ///< user, password or client id refused
    tls,          ///< certificate, host name or handshake refused by either side
    settings,     ///< a file of ours cannot be read
    refused,      ///< the broker said no for another reason
  };
  Kind kind = Kind::unreachable;
  std::string words;  ///< half a sentence for a person; never a secret
};

/// Number that the caller gives a message, to recognise its acknowledgement.
using Ticket = std::uint64_t;

/// What happens on a connection. All calls come on the loop thread.
class ConnectionEvents {
 public:
  ConnectionEvents() = default;
  ConnectionEvents(const ConnectionEvents&) = delete;
  ConnectionEvents& operator=(const ConnectionEvents&) = delete;
  virtual ~ConnectionEvents() = default;

  virtual void on_connected() = 0;
  virtual void on_connect_failed(const ConnectFailure& failure) = 0;
  /// The connection ended without us wanting it.
  virtual void on_lost(const std::string& words) = 0;
  virtual void on_message(const Message& message) = 0;
  /// The broker has taken the message; `refusal` is empty or says why it will not (MQTT 5 only: an access rule, mostly).
  virtual void on_delivered(Ticket ticket, const std::string& refusal) = 0;
  virtual void on_subscribed(const std::string& filter, const std::string& refusal) = 0;
  /// The orderly end that disconnect() asked for.
  virtual void on_closed() = 0;
  /// Answer to check_files().
  virtual void on_outdated() = 0;
};

/// All calls belong to the loop thread and return at once; answers come later through the events. After on_connect_failed, on_lost
/// or on_closed, or after abandon(), no further event comes until the next connect(), and what was in flight is forgotten.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual void set_events(ConnectionEvents* events) = 0;
  /// Answered by on_connected or on_connect_failed. A clean session each time.
  virtual void connect(ConnectRequest request) = 0;
  /// QoS 1.
  virtual void publish(Ticket ticket, Message message) = 0;
  /// QoS 1. Our own messages come back on it, unless the broker spares us that (MQTT 5).
  virtual void subscribe(std::string filter) = 0;
  virtual void unsubscribe(std::string filter) = 0;
  /// Looks whether the files of the request still hold what this connection was made with; answered by on_outdated when they do
  /// not, else by nothing.
  virtual void check_files() = 0;
  /// DISCONNECT: the broker forgets our will.
  virtual void disconnect() = 0;
  /// Cuts the connection: our will is published.
  virtual void abandon() = 0;
};

}  // namespace rbamp::mqtt
