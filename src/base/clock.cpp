#include "base/clock.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <ctime>

namespace rbamp {
namespace {

Microseconds read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::duration_cast<Microseconds>(Nanoseconds{now.tv_nsec});
}

}  // namespace

BootTime KernelClock::boot_now() const { return BootTime{read_clock(CLOCK_BOOTTIME)}; }

UtcTime KernelClock::utc_now() const { return UtcTime{read_clock(CLOCK_REALTIME)}; }

bool KernelClock::utc_is_synchronised() const {
  timex state{};  // modes = 0: read only, needs no privilege
  const int answer = adjtimex(&state);
  if (answer < 0) return false;  // refused by a sandbox: a clock that cannot be asked is not to be trusted
  return answer != TIME_ERROR && (static_cast<unsigned>(state.status) & static_cast<unsigned>(STA_UNSYNC)) == 0U;
}

void KernelClock::sleep_for(Microseconds time) {
  timespec left{};
  left.tv_sec = static_cast<time_t>(time.count() / 1'000'000);
  left.tv_nsec = static_cast<long>(time.count() % 1'000'000) * 1000;
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

}  // namespace rbamp
