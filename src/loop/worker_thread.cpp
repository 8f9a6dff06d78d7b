#include "loop/worker_thread.hpp"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>

namespace rbamp::loop {
namespace {

/// The kernel keeps 15 characters and refuses longer names.
constexpr std::size_t longest_thread_name = 15;

/// Blocks all signals while a thread is started, so that it inherits an all-blocked mask: signals belong to the loop.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

struct WorkerThread::Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  bool is_stopping = false;
  bool has_ended = false;
};

WorkerThread::WorkerThread(const std::string& name) : queue_(std::make_shared<Queue>()) {
  const AllSignalsBlocked blocked;
  thread_ = std::thread{[queue = queue_] { serve(queue); }};
  pthread_setname_np(thread_.native_handle(), name.substr(0, longest_thread_name).c_str());
}

WorkerThread::~WorkerThread() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock{queue_->mutex};
    queue_->is_stopping = true;
  }
  queue_->changed.notify_all();
  thread_.join();
}

void WorkerThread::run(std::function<void()> job) {
  {
    const std::scoped_lock lock{queue_->mutex};
    if (queue_->is_stopping) return;
    queue_->jobs.push_back(std::move(job));
  }
  queue_->changed.notify_all();
}

bool WorkerThread::stop(Microseconds timeout) {
  std::deque<std::function<void()>> dropped;  // destroyed unlocked
  bool has_ended = false;
  {
    std::unique_lock lock{queue_->mutex};
    queue_->is_stopping = true;
    queue_->changed.notify_all();
    has_ended = queue_->changed.wait_for(lock, timeout, [this] { return queue_->has_ended; });
    dropped.swap(queue_->jobs);
  }
  if (!thread_.joinable()) return has_ended;  // stopped before
  if (has_ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
  return has_ended;
}

void WorkerThread::serve(const std::shared_ptr<Queue>& queue) noexcept {
  std::unique_lock lock{queue->mutex};
  for (;;) {
    queue->changed.wait(lock, [&queue] { return queue->is_stopping || !queue->jobs.empty(); });
    if (queue->jobs.empty()) break;
    {
      const auto job = std::move(queue->jobs.front());
      queue->jobs.pop_front();
      lock.unlock();
      job();
    }  // destroyed before locking again: what it captured may queue more
    lock.lock();
  }
  queue->has_ended = true;
  queue->changed.notify_all();
}

}  // namespace rbamp::loop
