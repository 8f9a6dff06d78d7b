// The real event loop with a time limit, so that a test that waits for nothing fails instead of hanging.
#pragma once

#include <chrono>
#include <functional>

#include "loop/loop.hpp"

namespace rbamp::support {

/// Runs a loop until quit() or until a condition holds. After `limit` std::runtime_error flies out of run().
class TimedLoop {
 public:
  explicit TimedLoop(std::chrono::milliseconds limit = std::chrono::seconds{10}) : limit_(limit) {}

  [[nodiscard]] loop::Loop& operator*() { return loop_; }
  [[nodiscard]] loop::Loop* operator->() { return &loop_; }

  int run();
  /// Asks after each millisecond and at once.
  void run_until(const std::function<bool()>& condition);

 private:
  void ask_again(const std::function<bool()>& condition);

  std::chrono::milliseconds limit_;
  loop::Loop loop_;
  loop::Timer question_;
};

}  // namespace rbamp::support
