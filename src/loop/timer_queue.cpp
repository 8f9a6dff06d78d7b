#include "loop/timer_queue.hpp"

namespace rbamp::loop {

class TimerQueue::Source final : public Timer::Source {
 public:
  Source(TimerQueue& queue, std::function<void()> callback)
      : queue_(queue), callback_(std::make_shared<const std::function<void()>>(std::move(callback))) {}
  ~Source() override { forget(); }
  void move_to(BootTime when) override {
    auto& timers = queue_.timers_;
    const bool was_first = !timers.empty() && timers.begin()->first == key_;
    auto node = timers.extract(key_);
    key_ = {when, ++queue_.count_};
    if (node.empty()) {
      timers.emplace(key_, callback_);
    } else {
      node.key() = key_;
      timers.insert(std::move(node));
    }
    if (was_first || timers.begin()->first == key_) queue_.first_changed_();
  }

 private:
  void forget() {
    const auto place = queue_.timers_.find(key_);
    if (place == queue_.timers_.end()) return;
    const bool was_first = place == queue_.timers_.begin();
    queue_.timers_.erase(place);
    if (was_first) queue_.first_changed_();
  }

  TimerQueue& queue_;
  Callback callback_;
  Key key_{};  // never set: numbers begin with 1
};

Timer TimerQueue::add(BootTime when, std::function<void()> callback) {
  auto source = std::make_unique<Source>(*this, std::move(callback));
  source->move_to(when);
  return Timer{std::move(source)};
}

}  // namespace rbamp::loop
