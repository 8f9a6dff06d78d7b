// What systemd is told: waiting, ready, status, watchdog, stopping. Without a notify socket everything is a no-op.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"

namespace rbamp::daemon {

/// Loop thread; each call is one datagram.
class Notifier {
 public:
  /// Not ready, and trying: systemd's patience with the start is renewed for three minutes, so that it ends only when nothing tries
  /// any more. To be called at each attempt.
  void waiting(const std::string& status);
  void ready(const std::string& status);
  /// Sent only when the text changes: each is a message to the manager.
  void status(const std::string& text);
  /// Between this and the next ready() `systemctl reload` counts as under way.
  void reloading();
  void feed_watchdog();
  void stopping(const std::string& status);

  [[nodiscard]] bool is_ready() const { return is_ready_; }
  /// How often the watchdog wants to be fed (half of WATCHDOG_USEC); none: it is off.
  [[nodiscard]] static std::optional<Microseconds> watchdog_interval();

 private:
  bool is_ready_ = false;
  std::string last_status_;
};

}  // namespace rbamp::daemon
