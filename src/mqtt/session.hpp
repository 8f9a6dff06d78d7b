// Keeps one connection to the broker alive for ever: attempts, back-off, protocol version, and what the owner is told about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "log/logger.hpp"
#include "loop/scheduler.hpp"
#include "mqtt/backoff.hpp"
#include "mqtt/connection.hpp"

namespace rbamp::mqtt {

/// Loop thread only; nothing blocks. MQTT 5 first; a broker that does not speak it is asked with 3.1.1 at once, and with 5 again
/// after the next loss. Never gives up. Logs edges only: the first failure, a failure of another kind, connected again; a connection that
/// keeps breaking is one edge until one of them has lasted `stable_after`. That the broker is not verified is told at the start, at each
/// renew() and at each of these edges.
class Session final : public ConnectionEvents {
 public:
  /// What the owner of a session does with it.
  class Handler {
   public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    virtual ~Handler() = default;
    virtual void session_up() = 0;
    virtual void session_down() = 0;  ///< everything in flight is gone
    virtual void session_message(const Message& message) = 0;
    virtual void session_delivered(Ticket ticket, const std::string& refusal) = 0;
    virtual void session_subscribed(const std::string& filter, const std::string& refusal) = 0;
    virtual void session_closed() = 0;    ///< answer to close()
    virtual void session_outdated() = 0;  ///< after renew(): reconnect() would take up other files
  };

  /// `request.version` is where each series of attempts begins.
  Session(ConnectRequest request, Connection& connection, loop::Scheduler& scheduler, Handler& handler, log::Logger& logger,
          std::uint32_t seed);
  ~Session() override;

  void start();
  /// Cuts the connection and connects anew, as after a loss: for a broker that stopped acknowledging.
  void drop(const std::string& why);
  /// Takes up new files. A connection is asked whether there are any, which session_outdated answers; while there is none, the next
  /// attempt comes at once.
  void renew();
  /// Cuts the connection, so that the will is published, and connects at once.
  void reconnect();
  /// Orderly end; answered by session_closed when there was a connection, at once (before returning) when there was none.
  void close();
  /// The end without a DISCONNECT, so that the broker publishes the will. No more events.
  void cut();

  /// Why there is no connection, half a sentence; empty while there is one, or none was tried yet.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] bool is_up() const { return state_ == State::up; }
  [[nodiscard]] Connection& connection() { return connection_; }

  /// An attempt that is not answered in this time has failed.
  static constexpr Microseconds attempt_limit = std::chrono::seconds{30};
  /// A connection that lasted this long was a good one.
  static constexpr Microseconds stable_after = std::chrono::seconds{30};

 private:
  enum class State { idle, connecting, waiting, up, closing };

  void on_connected() override;
  void on_connect_failed(const ConnectFailure& failure) override;
  void on_lost(const std::string& words) override;
  void on_message(const Message& message) override { handler_.session_message(message); }
  void on_delivered(Ticket ticket, const std::string& refusal) override { handler_.session_delivered(ticket, refusal); }
  void on_subscribed(const std::string& filter, const std::string& refusal) override {
    handler_.session_subscribed(filter, refusal);
  }
  void on_closed() override;
  void on_outdated() override;

  void attempt();
  void wait_and_attempt();
  void attempt_timed_out();
  void became_stable();
  void log_failure(const ConnectFailure& failure);
  void log_back();
  void warn_if_unverified();

  ConnectRequest request_;
  const ProtocolVersion preferred_version_;
  Connection& connection_;
  loop::Scheduler& scheduler_;
  Handler& handler_;
  log::Logger& logger_;
  Backoff backoff_;
  State state_ = State::idle;
  loop::Timer timer_;  ///< of the attempt, the pause, or the proof of stability: never two at once
  bool has_tried_both_versions_ = false;
  bool is_stable_ = true;  ///< the last connection lasted, or there was none yet
  bool is_trouble_told_ = false;
  std::optional<ConnectFailure::Kind> told_kind_;
  std::uint32_t failed_attempts_ = 0;
  BootTime trouble_since_{};
  std::string trouble_;
};

}  // namespace rbamp::mqtt
