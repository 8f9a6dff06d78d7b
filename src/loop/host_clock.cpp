#include "loop/host_clock.hpp"

#include <sys/timex.h>

namespace rbamp::loop {
namespace {

bool is_refused() {
  timex state{};  // modes = 0: read only, needs no privilege
  return adjtimex(&state) < 0;
}

}  // namespace

HostClock::HostClock() : must_be_told_(is_refused()) {}

bool HostClock::utc_is_synchronised() const { return must_be_told_ ? told_.load() : kernel_.utc_is_synchronised(); }

}  // namespace rbamp::loop
