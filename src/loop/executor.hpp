// Where blocking work runs: a bus's transfers, the ledger's writes. Jobs run one at a time, in order.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "loop/scheduler.hpp"
#include "loop/watch.hpp"

namespace rbamp::loop {

class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// Queues a job; returns at once. The job must not throw and must not touch state of the loop thread.
  virtual void run(std::function<void()> job) = 0;
};

/// One that waits itself, for a time or a descriptor: a wake-up less than when the loop waits and hands over.
class WaitingExecutor : public Executor {
 public:
  /// Queues a job for `when`; returns at once. Where jobs wait of both kinds they take turns, of these the one that is due
  /// longest: what run() queues waits for one of them at most, and cannot starve them.
  /// Jobs whose time has not come when the executor ends are dropped unrun.
  virtual void run_at(BootTime when, std::function<void()> job) = 0;

  /// Calls `ready` on the executor whenever the descriptor is readable, ahead of the job that is next, until it returns false or
  /// the watch is cancelled, by any thread. The descriptor stays the caller's; cancel the watch before closing it.
  /// `ready` must not throw, may be running while its watch is cancelled, and is destroyed soon after.
  [[nodiscard]] virtual Watch watch_readable(int fd, std::function<bool()> ready) = 0;
};

/// Runs each job where it is queued.
class InlineExecutor final : public Executor {
 public:
  void run(std::function<void()> job) override { job(); }
};

/// Runs `job` on the executor and hands what it returns to `done` on the loop thread.
/// `done` must guard itself against its owner's end (see loop::Alive).
template <class Job, class Done>
void submit(Executor& executor, Scheduler& scheduler, Job job, Done done) {
  executor.run([&scheduler, job = std::move(job), done = std::move(done)]() mutable {
    scheduler.post(
        [result = std::make_shared<decltype(job())>(job()), done = std::move(done)]() mutable { done(std::move(*result)); });
  });
}

/// Lets callbacks find out that their owner is gone: keep one as a member, capture `guard()` and ask it first.
class Alive {
 public:
  using Guard = std::weak_ptr<const bool>;
  [[nodiscard]] Guard guard() const { return token_; }

 private:
  std::shared_ptr<const bool> token_ = std::make_shared<const bool>(true);
};

}  // namespace rbamp::loop
