// A child process of a test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace rbamp::support {

/// Starts a program found in PATH or /usr/sbin, both outputs into a file. The destructor kills it. Throws when it cannot be started.
class Process {
 public:
  Process(const std::vector<std::string>& command, const std::string& output_file);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void signal(int number) const;
  /// Waits for its end; returns the exit status, or 128 + signal.
  int wait();
  [[nodiscard]] bool is_running() const { return pid_ > 0; }

 private:
  pid_t pid_ = -1;
};

/// Runs to the end; throws with its output when it does not exit with 0.
void run(const std::vector<std::string>& command, const std::string& output_file);

}  // namespace rbamp::support
