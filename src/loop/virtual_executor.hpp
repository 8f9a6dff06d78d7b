// A bus's worker in virtual time: each job runs where it is queued, those for later when their time has come. For one thread.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "loop/executor.hpp"

namespace rbamp::loop {

class VirtualExecutor final : public WaitingExecutor {
 public:
  /// What stands for the kernel, which knows when a descriptor is readable.
  using WatchReadable = std::function<Watch(int fd, std::function<bool()> ready)>;

  VirtualExecutor(Scheduler& scheduler, WatchReadable watch_readable)
      : scheduler_(scheduler), watch_readable_(std::move(watch_readable)) {}

  void run(std::function<void()> job) override { job(); }
  void run_at(BootTime when, std::function<void()> job) override {
    waiting_.emplace(when, std::move(job));
    schedule();
  }
  [[nodiscard]] Watch watch_readable(int fd, std::function<bool()> ready) override {
    return watch_readable_(fd, std::move(ready));
  }

 private:
  void schedule() {
    timer_ = scheduler_.call_at(waiting_.begin()->first, [this] { run_first(); });
  }
  void run_first() {
    const auto first = waiting_.extract(waiting_.begin());
    if (!waiting_.empty()) schedule();
    first.mapped()();
  }

  Scheduler& scheduler_;
  WatchReadable watch_readable_;
  std::multimap<BootTime, std::function<void()>> waiting_;
  Timer timer_;
};

}  // namespace rbamp::loop
