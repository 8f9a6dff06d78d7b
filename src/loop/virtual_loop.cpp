#include "loop/virtual_loop.hpp"

#include <utility>

namespace rbamp::loop {

class VirtualLoop::Source final : public Timer::Source {
 public:
  Source(VirtualLoop& loop, Callback callback) : loop_(loop), callback_(std::move(callback)) {}
  ~Source() override { loop_.timers_.erase(key_); }
  void move_to(BootTime when) override {
    loop_.timers_.erase(key_);
    key_ = {when, loop_.next_++};
    loop_.timers_.emplace(key_, callback_);
  }

 private:
  VirtualLoop& loop_;
  Callback callback_;
  Key key_{};
};

Timer VirtualLoop::call_at(BootTime when, std::function<void()> callback) {
  auto source = std::make_unique<Source>(*this, std::make_shared<const std::function<void()>>(std::move(callback)));
  source->move_to(when);
  return Timer{std::move(source)};
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
  (*node.mapped())();
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
