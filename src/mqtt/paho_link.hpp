// One Paho client from connect to destruction. Used by PahoConnection only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "mqtt/connection.hpp"

namespace rbamp::mqtt {

/// Worker thread only, all calls may block for a while; no exception leaves. What Paho reports arrives on Paho's threads through the
/// functions of `Reports`, which must be callable from any thread and return at once.
class PahoLink {
 public:
  struct Reports {
    std::function<void()> connected;
    std::function<void()> connect_failed;  ///< ask explain() then, on the worker
    std::function<void(std::string words)> lost;
    std::function<void(Message)> message;
    std::function<void(Ticket, std::string refusal)> delivered;
    std::function<void(std::string filter, std::string refusal)> subscribed;
    std::function<void()> closed;
  };

  PahoLink(ConnectRequest request, Reports reports);
  PahoLink(const PahoLink&) = delete;
  PahoLink& operator=(const PahoLink&) = delete;
  /// Ends a connection that is still up with a DISCONNECT; sleeps about 100 ms in Paho.
  ~PahoLink();

  /// Begins the attempt; what keeps it from beginning is returned, what happens later is reported.
  [[nodiscard]] std::optional<ConnectFailure> connect();
  /// Why the attempt failed, in words. With TLS it may connect once more, to look at the certificate: up to 5 s.
  [[nodiscard]] ConnectFailure explain();
  void publish(Ticket ticket, Message message);
  void subscribe(std::string filter);
  void unsubscribe(const std::string& filter);
  void disconnect();
  /// Publishes the will, which the destructor's DISCONNECT makes the broker forget. Waits up to 200 ms. Nothing when there is no connection.
  void leave_will();
  /// The files that the attempt was made with hold something else by now. Reads the disk.
  [[nodiscard]] bool is_outdated() const;

 private:
  class Client;
  ConnectRequest request_;
  Reports reports_;
  std::size_t fingerprint_ = 0;     // of the files, at the attempt
  std::unique_ptr<Client> client_;  // none until connect() has begun
};

}  // namespace rbamp::mqtt
