#include "loop/wake_signal.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace rbamp::loop {

WakeSignal::WakeSignal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_.is_open()) throw std::system_error{errno, std::system_category(), "making a wake-up descriptor"};
}

void WakeSignal::raise() const {
  const std::uint64_t one = 1;
  // Fails only with EAGAIN when the counter is full, and then it is raised anyway.
  [[maybe_unused]] const auto written = write(fd_.get(), &one, sizeof one);
}

void WakeSignal::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(fd_.get(), &count, sizeof count);
}

}  // namespace rbamp::loop
