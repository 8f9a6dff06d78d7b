#include "loop/virtual_loop.hpp"

namespace rbamp::loop {

class VirtualLoop::Source final : public Timer::Source {
 public:
  Source(VirtualLoop& loop, Key key) : loop_(loop), key_(key) {}
  ~Source() override { loop_.timers_.erase(key_); }

 private:
  VirtualLoop& loop_;
  Key key_;
};

Timer VirtualLoop::call_at(BootTime when, std::function<void()> callback) {
  const Key key{when, next_++};
  timers_.emplace(key, std::move(callback));
  return Timer{std::make_unique<Source>(*this, key)};
}

bool VirtualLoop::run_one(BootTime until) {
  if (!posted_.empty()) {
    const auto callback = std::move(posted_.front());
    posted_.pop_front();
    callback();
    return true;
  }
  if (timers_.empty() || timers_.begin()->first.first > until) return false;
  auto node = timers_.extract(timers_.begin());
  clock_.advance_to(node.key().first);
  node.mapped()();
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
