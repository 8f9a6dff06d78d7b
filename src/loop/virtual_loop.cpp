#include "loop/virtual_loop.hpp"

#include <algorithm>
#include <utility>

namespace rbamp::loop {

void VirtualLoop::post(std::function<void()> callback) {
  posted_due_ = clock_.boot_now();
  posted_.push_back(std::move(callback));
}

void VirtualLoop::post_later(std::function<void()> callback) {
  posted_due_ = std::min(next_posted(), clock_.boot_now() + leisure);
  posted_.push_back(std::move(callback));
}

bool VirtualLoop::run_one(BootTime until) {
  const BootTime next_timer = timers_.next();
  if (const BootTime due = next_posted(); due <= clock_.boot_now() || due <= std::min(next_timer, until)) {
    clock_.advance_to(due);
    const auto callback = std::move(posted_.front());
    posted_.pop_front();
    callback();
    return true;
  }
  if (next_timer > until) return false;
  const auto callback = timers_.take_first();
  clock_.advance_to(next_timer);
  (*callback)();
  return true;
}

void VirtualLoop::run_until(BootTime until) {
  while (run_one(until)) {
  }
  clock_.advance_to(until);
}

void VirtualLoop::run_ready() {
  while (run_one(clock_.boot_now())) {
  }
}

}  // namespace rbamp::loop
