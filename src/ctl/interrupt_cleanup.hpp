// Takes an unfinished file away when the program is interrupted.
#pragma once

#include <string>

namespace rbamp::ctl {

/// While this lives, SIGINT, SIGTERM and SIGHUP remove `path` before they end the program as they would anyway. One at a time: a
/// signal handler knows only what is static. Main thread.
class InterruptCleanup {
 public:
  explicit InterruptCleanup(const std::string& path);
  InterruptCleanup(const InterruptCleanup&) = delete;
  InterruptCleanup& operator=(const InterruptCleanup&) = delete;
  ~InterruptCleanup();
};

}  // namespace rbamp::ctl
