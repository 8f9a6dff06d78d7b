#include "bench/wakeup_cost.hpp"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>

#include "base/fd.hpp"
#include "bench/cpu_time.hpp"

namespace rbamp::bench {

double wakeup_cost_us(int seconds) {
  constexpr int per_second = 80;  // as many as sixteen modules have windows
  const Fd timer{timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
  const timespec pause{0, 1'000'000'000 / per_second};
  const itimerspec often{pause, pause};
  if (!timer.is_open() || timerfd_settime(timer.get(), 0, &often, nullptr) != 0) throw std::runtime_error("cannot make a timer");
  const double before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
  int wakeups = 0;
  for (; wakeups < seconds * per_second; ++wakeups) {
    pollfd ready{timer.get(), POLLIN, 0};
    std::uint64_t fired = 0;
    if (ppoll(&ready, 1, nullptr, nullptr) != 1 || read(timer.get(), &fired, sizeof fired) != sizeof fired)
      throw std::runtime_error("a timer does not fire");
  }
  return (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - before) * 1e6 / wakeups;
}

}  // namespace rbamp::bench
