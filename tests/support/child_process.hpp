// A program as a child process: its notify socket, what it prints, its end. For tests of the real binary.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::support {

/// Standard output and error go to a file together; a notify socket of the test's is in its environment. Killed at the end.
class ChildProcess {
 public:
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
               const std::vector<std::string>& environment = {});
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Waits until a notify message holds this text.
  [[nodiscard]] bool wait_for_notify(const std::string& text, std::chrono::milliseconds limit);
  /// Waits until the output holds this text.
  [[nodiscard]] bool wait_for_output(const std::string& text, std::chrono::milliseconds limit);
  /// Waits for the end. The exit status, or 128 + signal; nullopt when it still runs.
  [[nodiscard]] std::optional<int> wait_for_end(std::chrono::milliseconds limit);
  void send(int signal) const;
  [[nodiscard]] std::string output() const;
  [[nodiscard]] const std::string& notifications() const { return notifications_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void take_notifications();

  TemporaryDirectory folder_;
  Fd notify_;
  std::string notifications_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace rbamp::support
