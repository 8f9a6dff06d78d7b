// [daemon]: the schedule and the log.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace rbamp::config {

enum class LogLevel { trace, debug, info, warning, error };

struct Daemon {
  Microseconds period = std::chrono::seconds{60};  ///< 1 s to 1 h; latches fall on multiples of it in local time
  std::string timezone = "system";                 ///< or an IANA name
  LogLevel log_level = LogLevel::info;

  bool operator==(const Daemon&) const = default;
};

}  // namespace rbamp::config
