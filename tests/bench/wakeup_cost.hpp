// What this machine charges for waking a thread: no reading costs less.
#pragma once

namespace rbamp::bench {

/// Processor time in microseconds of a thread that a timer wakes 80 times a second and that does nothing else. Blocks for `seconds`.
[[nodiscard]] double wakeup_cost_us(int seconds);

}  // namespace rbamp::bench
