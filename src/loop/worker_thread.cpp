#include "loop/worker_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

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
  using Job = std::function<void()>;
  struct Timed {
    BootTime when;
    Job job;
  };
  /// For a heap with the earliest in front.
  struct IsAfter {
    bool operator()(const Timed& a, const Timed& b) const { return a.when > b.when; }
  };

  /// What shall run now, taken out.
  std::optional<Job> take();
  /// Until something is queued, or due.
  void wait(std::unique_lock<std::mutex>& lock);

  KernelClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;
  std::vector<Timed> later;       // a heap
  bool was_without_time = false;  // the last one
  bool is_stopping = false;
  bool has_ended = false;
};

std::optional<WorkerThread::Queue::Job> WorkerThread::Queue::take() {
  std::optional<Job> job;
  const bool is_due = !is_stopping && !later.empty() && later.front().when <= clock.boot_now();
  if (is_due && (jobs.empty() || was_without_time)) {
    std::pop_heap(later.begin(), later.end(), IsAfter{});
    job = std::move(later.back().job);
    later.pop_back();
    was_without_time = false;
  } else if (!jobs.empty()) {
    job = std::move(jobs.front());
    jobs.pop_front();
    was_without_time = true;
  }
  return job;
}

void WorkerThread::Queue::wait(std::unique_lock<std::mutex>& lock) {
  if (later.empty()) {
    changed.wait(lock);
  } else {
    changed.wait_for(lock, later.front().when - clock.boot_now());
  }
}

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

void WorkerThread::run_at(BootTime when, std::function<void()> job) {
  bool is_next = false;
  {
    const std::scoped_lock lock{queue_->mutex};
    if (queue_->is_stopping) return;
    auto& later = queue_->later;
    is_next = later.empty() || when < later.front().when;
    later.push_back({when, std::move(job)});
    std::push_heap(later.begin(), later.end(), Queue::IsAfter{});
  }
  if (is_next) queue_->changed.notify_all();  // it waits for a later one
}

bool WorkerThread::stop(Microseconds timeout) {
  std::deque<Queue::Job> dropped;  // destroyed unlocked
  std::vector<Queue::Timed> dropped_later;
  bool has_ended = false;
  {
    std::unique_lock lock{queue_->mutex};
    queue_->is_stopping = true;
    dropped_later.swap(queue_->later);
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
    if (auto job = queue->take()) {
      lock.unlock();
      (*job)();
      job.reset();  // before locking again: what it captured may queue more
      lock.lock();
    } else if (queue->is_stopping) {
      break;
    } else {
      queue->wait(lock);
    }
  }
  queue->has_ended = true;
  queue->changed.notify_all();
}

}  // namespace rbamp::loop
