#include "loop/virtual_loop.hpp"

#include <algorithm>
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

void VirtualLoop::post(std::function<void()> callback) {
  posted_due_ = clock_.boot_now();
  posted_.push_back(std::move(callback));
}

void VirtualLoop::post_later(std::function<void()> callback) {
  posted_due_ = std::min(next_posted(), clock_.boot_now() + leisure);
  posted_.push_back(std::move(callback));
}

bool VirtualLoop::run_one(BootTime until) {
  const BootTime next_timer = timers_.empty() ? BootTime::max() : timers_.begin()->first.first;
  if (const BootTime due = next_posted(); due <= clock_.boot_now() || due <= std::min(next_timer, until)) {
    clock_.advance_to(due);
    const auto callback = std::move(posted_.front());
    posted_.pop_front();
    callback();
    return true;
  }
  if (next_timer > until) return false;
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
