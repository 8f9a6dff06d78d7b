#include "storage/attendant.hpp"

#include <utility>

namespace rbamp::storage {

Attendant::Attendant(const KeepGoing& keep_going, std::function<void()> stop, std::chrono::milliseconds interval)
    : keep_going_(keep_going), stop_(std::move(stop)), interval_(interval), thread_([this] { attend(); }) {}

Attendant::~Attendant() {
  {
    const std::lock_guard lock{mutex_};
    is_over_ = true;
  }
  over_.notify_one();
  thread_.join();
}

void Attendant::attend() {
  std::unique_lock lock{mutex_};
  while (!over_.wait_for(lock, interval_, [this] { return is_over_; })) {
    if (!keep_going_()) stop_();
  }
}

}  // namespace rbamp::storage
