#include "support/timed_loop.hpp"

#include <stdexcept>
#include <string>

namespace rbamp::support {

int TimedLoop::run() {
  const auto limit = loop_.call_after(
      limit_, [this] { throw std::runtime_error{"the loop did not end within " + std::to_string(limit_.count()) + " ms"}; });
  return loop_.run();
}

void TimedLoop::run_until(const std::function<bool()>& condition) {
  loop_.post([this, &condition] { ask_again(condition); });
  run();
  question_.cancel();
}

void TimedLoop::ask_again(const std::function<bool()>& condition) {
  if (condition()) {
    loop_.quit();
    return;
  }
  question_ = loop_.call_after(std::chrono::milliseconds{1}, [this, &condition] { ask_again(condition); });
}

}  // namespace rbamp::support
