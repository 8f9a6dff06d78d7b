// A data-ready line: open drain, falls for about 10 µs at each commit, held low while masked events are pending. Protocol 9.5.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace rbamp::gpio {

struct Edges {
  std::size_t count = 0;       ///< falling edges drained; the kernel may have dropped some, so a hint, never a count of windows
  std::size_t lost = 0;        ///< known to be dropped (0 when the kernel cannot tell)
  std::vector<BootTime> fell;  ///< when they fell, by the kernel's own stamps, the oldest first; not empty when `count` is not 0
};

/// A requested line. The descriptor becomes readable at an edge; all calls return at once. One thread at a time.
class DrdyLine {
 public:
  DrdyLine() = default;
  DrdyLine(const DrdyLine&) = delete;
  DrdyLine& operator=(const DrdyLine&) = delete;
  virtual ~DrdyLine() = default;

  [[nodiscard]] virtual int fd() const = 0;
  /// Takes the waiting edges; when more came at once than fit, fd() stays readable. Call only when it is: both generations of the
  /// library block otherwise.
  [[nodiscard]] virtual Result<Edges> drain() = 0;
  [[nodiscard]] virtual Result<bool> is_low() const = 0;
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace rbamp::gpio
