// A bus's worker in virtual time: each job runs where it is queued, those for later when their time has come. For one thread.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "loop/executor.hpp"

namespace rbamp::loop {

class VirtualExecutor final : public TimedExecutor {
 public:
  explicit VirtualExecutor(Scheduler& scheduler) : scheduler_(scheduler) {}

  void run(std::function<void()> job) override { job(); }
  void run_at(BootTime when, std::function<void()> job) override {
    waiting_.emplace(when, std::move(job));
    schedule();
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
  std::multimap<BootTime, std::function<void()>> waiting_;
  Timer timer_;
};

}  // namespace rbamp::loop
