// One thread for work that blocks: a bus's transfers, the ledger's writes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "loop/executor.hpp"

namespace rbamp::loop {

/// Runs jobs one at a time. The thread has all signals blocked and shows `name` (at most 15 characters) in ps and top.
/// run(), run_at() and watch_readable() are safe from any thread and return at once; stop() and the destructor belong to the thread
/// that made it. Idle, it sleeps: no wake-ups but for descriptors and for what was queued for later, which runs up to 0.1 ms late.
class WorkerThread final : public WaitingExecutor {
 public:
  /// Throws std::system_error when the system refuses a thread or a descriptor.
  explicit WorkerThread(const std::string& name);
  /// Waits for queued jobs without a limit, unless stop() was called: call stop() first where a job may hang.
  ~WorkerThread() override;

  /// After stop() jobs are dropped unrun. A job that throws ends the process: it has nobody to report to.
  void run(std::function<void()> job) override;
  void run_at(BootTime when, std::function<void()> job) override;
  [[nodiscard]] Watch watch_readable(int fd, std::function<bool()> ready) override;

  /// Takes no more jobs, drops those for later and all watches, and waits until the others have run, at most `timeout`.
  ///
  /// True: the thread has ended. False: a job hangs (a wedged adapter, a dead card). What was still queued is dropped, and the
  /// thread is abandoned: it ends when that job does. Whatever the job uses must then stay alive, so the caller leaks it and
  /// leaves the process by _exit() once the rest is in order.
  [[nodiscard]] bool stop(Microseconds timeout);

 private:
  struct Queue;
  static void serve(const std::shared_ptr<Queue>& queue) noexcept;
  std::shared_ptr<Queue> queue_;  // shared with the thread, which may outlive this object
  std::thread thread_;
};

}  // namespace rbamp::loop
