// A broker in memory, behind the interface of a connection: virtual time, and every fault by hand.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loop/scheduler.hpp"
#include "mqtt/connection.hpp"

namespace rbamp::mqtt {

class FakeBroker final : public Connection {
 public:
  struct Sent {
    BootTime at;
    Message message;
  };
  enum class Answer { accept, refuse_v5, unreachable, credentials, unanswered, silence };

  explicit FakeBroker(loop::Scheduler& scheduler) : scheduler_(scheduler) {}

  // What the test sets
  Answer answer = Answer::accept;
  bool acknowledges = true;
  bool closes_politely = true;
  bool has_new_files = false;        ///< password or certificates changed since the connection was made
  std::string refuses_publications;  ///< not empty: what it answers to each
  std::map<std::string, std::string> retained;

  // What the test asks
  std::vector<Sent> sent;  ///< everything published to it, in order
  std::vector<ConnectRequest> attempts;
  std::vector<BootTime> attempt_times;
  std::vector<std::string> filters;  ///< of this connection
  int disconnects = 0;
  int abandons = 0;
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] std::size_t count(const std::string& topic) const;
  [[nodiscard]] std::vector<std::string> payloads(const std::string& topic) const;
  [[nodiscard]] std::optional<std::size_t> first_index(const std::string& topic, const std::string& payload = {}) const;
  [[nodiscard]] bool has_filter(const std::string& filter) const;

  // What the test does
  void lose(const std::string& words = "the connection broke");
  /// Somebody else publishes: retained messages are kept, subscribers get it as a live one.
  void publish_as_other(const Message& message);
  void acknowledge_all();

  void set_events(ConnectionEvents* events) override { events_ = events; }
  void connect(ConnectRequest request) override;
  void publish(Ticket ticket, Message message) override;
  void subscribe(std::string filter) override;
  void unsubscribe(std::string filter) override;
  void check_files() override;
  void disconnect() override;
  void abandon() override;

 private:
  void later(std::function<void(ConnectionEvents&)> event);
  void keep(const Message& message);
  void deliver(const Message& message);
  void end();

  loop::Scheduler& scheduler_;
  ConnectionEvents* events_ = nullptr;
  std::uint64_t generation_ = 0;
  bool is_connected_ = false;
  std::vector<Ticket> unacknowledged_;
};

}  // namespace rbamp::mqtt
