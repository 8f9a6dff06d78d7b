// Waiting for time to pass or a person to end it.
#pragma once

#include <memory>

#include "base/clock.hpp"

namespace rbamp::ctl {

/// On a terminal: single keys without Enter and without echo, and an interrupt that ends the waiting instead of the program, so that the
/// screen can be put in order. All of it is undone in the destructor. Without a terminal: only time. One at a time, main thread.
class KeyWait {
 public:
  explicit KeyWait(bool is_terminal);
  KeyWait(const KeyWait&) = delete;
  KeyWait& operator=(const KeyWait&) = delete;
  ~KeyWait();

  /// False: end. True: the time has passed. A terminal waits on the kernel's clock, anything else on `clock`.
  [[nodiscard]] bool wait(Clock& clock, Microseconds time);

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace rbamp::ctl
