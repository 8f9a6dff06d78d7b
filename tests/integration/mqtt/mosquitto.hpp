// A real broker on a free loopback port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "process.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::support {

/// A loopback port that nobody uses at the moment.
[[nodiscard]] std::uint16_t free_port();
/// Waits until somebody listens there; throws after ten seconds.
void wait_for_listener(std::uint16_t port);

class Mosquitto {
 public:
  struct Options {
    bool is_persistent = false;
    std::string user;  ///< empty: anonymous
    std::string password;
    std::string ca_file;  ///< not empty: TLS
    std::string cert_file;
    std::string key_file;
    bool wants_client_certificate = false;
  };

  explicit Mosquitto(Options options, std::uint16_t port = free_port());
  Mosquitto() : Mosquitto(Options{}) {}

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// As an operator does: SIGTERM, which saves a persistent store.
  void stop();
  void kill();
  /// Same port, same store.
  void start();
  /// Alive but silent, as a machine that hangs.
  void freeze() { process_->signal(19 /* SIGSTOP */); }
  void thaw() { process_->signal(18 /* SIGCONT */); }

 private:
  TemporaryDirectory folder_;
  std::uint16_t port_;
  std::string config_file_;
  std::optional<Process> process_;
};

}  // namespace rbamp::support
