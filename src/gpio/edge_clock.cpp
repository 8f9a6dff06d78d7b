#include "gpio/edge_clock.hpp"

#include <ctime>

namespace rbamp::gpio {

Nanoseconds boot_minus_monotonic() {
  timespec boot{};
  timespec monotonic{};
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return std::chrono::seconds{boot.tv_sec - monotonic.tv_sec} + Nanoseconds{boot.tv_nsec - monotonic.tv_nsec};
}

}  // namespace rbamp::gpio
