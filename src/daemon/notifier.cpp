#include "daemon/notifier.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>

namespace rbamp::daemon {
namespace {

constexpr Microseconds patience = std::chrono::minutes{3};  // attempts are a minute apart at most

}  // namespace

void Notifier::waiting(const std::string& status) {
  last_status_ = status;
  sd_notify(0, ("EXTEND_TIMEOUT_USEC=" + std::to_string(patience.count()) + "\nSTATUS=" + status).c_str());
}

void Notifier::ready(const std::string& status) {
  is_ready_ = true;
  last_status_ = status;
  sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void Notifier::status(const std::string& text) {
  if (text == last_status_) return;
  last_status_ = text;
  sd_notify(0, ("STATUS=" + text).c_str());
}

void Notifier::reloading() {
  // Both lines are needed from systemd 253 on: it must see that this is newer than its own signal.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto usec = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec)).c_str());
}

void Notifier::feed_watchdog() { sd_notify(0, "WATCHDOG=1"); }

void Notifier::stopping(const std::string& status) { sd_notify(0, ("STOPPING=1\nSTATUS=" + status).c_str()); }

std::optional<Microseconds> Notifier::watchdog_interval() {
  std::uint64_t usec = 0;
  if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
  return Microseconds{static_cast<std::int64_t>(usec / 2)};
}

}  // namespace rbamp::daemon
