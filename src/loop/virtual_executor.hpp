// A bus's worker in virtual time: each job runs where it is queued, those for later when their time has come. Those of both kinds take
// turns as WaitingExecutor says. For one thread.
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

  /// `serve_watches`: those that are readable by now, before each job.
  VirtualExecutor(Scheduler& scheduler, WatchReadable watch_readable, std::function<void()> serve_watches)
      : scheduler_(scheduler), watch_readable_(std::move(watch_readable)), serve_watches_(std::move(serve_watches)) {}

  void run(std::function<void()> job) override {
    serve_watches_();
    if (was_without_time_ && !waiting_.empty() && waiting_.begin()->first <= scheduler_.clock().boot_now()) run_first();
    was_without_time_ = true;
    job();
  }
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
    serve_watches_();
    const auto first = waiting_.extract(waiting_.begin());
    waiting_.empty() ? timer_.cancel() : schedule();
    was_without_time_ = false;
    first.mapped()();
  }

  Scheduler& scheduler_;
  WatchReadable watch_readable_;
  std::function<void()> serve_watches_;
  std::multimap<BootTime, std::function<void()>> waiting_;
  Timer timer_;
  bool was_without_time_ = false;  // the last one
};

}  // namespace rbamp::loop
