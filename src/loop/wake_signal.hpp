// A descriptor by which any thread wakes the one that polls it.
#pragma once

#include "base/fd.hpp"

namespace rbamp::loop {

/// raise() from any thread, clear() by the one that woke; nothing blocks. Many raises before a clear are one.
class WakeSignal {
 public:
  /// Throws std::system_error when the system refuses a descriptor.
  WakeSignal();
  void raise() const;
  void clear() const;
  [[nodiscard]] int fd() const { return fd_.get(); }  ///< readable from raise() to clear()

 private:
  Fd fd_;
};

}  // namespace rbamp::loop
