#include "loop/worker_thread.hpp"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "loop/wake_signal.hpp"

namespace rbamp::loop {
namespace {

/// The kernel keeps 15 characters and refuses longer names.
constexpr std::size_t longest_thread_name = 15;
constexpr Microseconds longest_sleep = std::chrono::hours{24};

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
  struct Watched {
    int fd = -1;
    std::shared_ptr<const std::function<bool()>> ready;  // may be cancelled while it runs
  };
  using Watches = std::map<std::uint64_t, Watched>;  // by a number that is never used again

  [[nodiscard]] bool is_timed_due() const { return !is_stopping && !later.empty() && later.front().when <= clock.boot_now(); }
  /// What shall run now, taken out.
  std::optional<Job> take();
  /// Serves the watches. With `may_sleep` first waits until something is queued, due or readable.
  void poll(std::unique_lock<std::mutex>& lock, bool may_sleep);
  /// For how long to sleep at most; nullopt: for ever.
  [[nodiscard]] std::optional<timespec> until_due() const;
  /// `change` runs with the queue locked and says whether the thread has to look again.
  template <class Change>
  void change(Change change);
  void forget(std::uint64_t watch);

  KernelClock clock;
  WakeSignal wake;
  std::mutex mutex;
  // Guarded by mutex.
  std::condition_variable ended;
  std::deque<Job> jobs;
  std::vector<Timed> later;  // a heap
  Watches watches;
  std::uint64_t watch_count = 0;
  bool was_without_time = false;  // the last one
  bool is_asleep = false;
  bool is_stopping = false;
  bool has_ended = false;
  // The thread's own, kept for their memory.
  std::vector<pollfd> polled;
  std::vector<std::uint64_t> polled_watches;
};

template <class Change>
void WorkerThread::Queue::change(Change change) {
  {
    const std::scoped_lock lock{mutex};
    if (!change() || !std::exchange(is_asleep, false)) return;
  }
  wake.raise();
}

std::optional<WorkerThread::Queue::Job> WorkerThread::Queue::take() {
  std::optional<Job> job;
  if ((jobs.empty() || was_without_time) && is_timed_due()) {
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

std::optional<timespec> WorkerThread::Queue::until_due() const {
  if (later.empty()) return std::nullopt;
  // No more than the 32 bits that time_t has on some: after that it looks again.
  const auto left = std::clamp(later.front().when - clock.boot_now(), Microseconds::zero(), longest_sleep);
  const auto whole = std::chrono::floor<std::chrono::seconds>(left);
  timespec time{};
  time.tv_sec = static_cast<decltype(time.tv_sec)>(whole.count());
  time.tv_nsec = static_cast<decltype(time.tv_nsec)>(std::chrono::nanoseconds{left - whole}.count());
  return time;
}

void WorkerThread::Queue::poll(std::unique_lock<std::mutex>& lock, bool may_sleep) {
  polled.assign(1, {wake.fd(), POLLIN, 0});
  polled_watches.clear();
  for (const auto& [number, watched] : watches) {
    polled.push_back({watched.fd, POLLIN, 0});
    polled_watches.push_back(number);
  }
  const auto timeout = may_sleep ? until_due() : timespec{};
  is_asleep = may_sleep;
  lock.unlock();
  // Fails only when a signal comes, and all are blocked; what was not seen is seen next time.
  const bool any = ppoll(polled.data(), polled.size(), timeout ? &*timeout : nullptr, nullptr) > 0;
  if (any && polled.front().revents != 0) wake.clear();
  lock.lock();
  is_asleep = false;
  for (std::size_t i = 0; any && i < polled_watches.size(); ++i) {
    if (polled[i + 1].revents == 0) continue;
    const auto found = watches.find(polled_watches[i]);
    if (found == watches.end()) continue;
    auto ready = found->second.ready;
    lock.unlock();
    const bool goes_on = (*ready)();
    ready.reset();
    if (!goes_on) forget(polled_watches[i]);
    lock.lock();
  }
}

void WorkerThread::Queue::forget(std::uint64_t watch) {
  Watches::node_type gone;  // destroyed unlocked
  change([&] {
    gone = watches.extract(watch);
    return true;  // it may sleep on a descriptor that is closed next
  });
}

WorkerThread::WorkerThread(const std::string& name) : queue_(std::make_shared<Queue>()) {
  const AllSignalsBlocked blocked;
  thread_ = std::thread{[queue = queue_] { serve(queue); }};
  pthread_setname_np(thread_.native_handle(), name.substr(0, longest_thread_name).c_str());
}

WorkerThread::~WorkerThread() {
  if (!thread_.joinable()) return;
  queue_->change([this] { return queue_->is_stopping = true; });
  thread_.join();
}

void WorkerThread::run(std::function<void()> job) {
  queue_->change([&] {
    if (queue_->is_stopping) return false;
    queue_->jobs.push_back(std::move(job));
    return true;
  });
}

void WorkerThread::run_at(BootTime when, std::function<void()> job) {
  queue_->change([&] {
    if (queue_->is_stopping) return false;
    auto& later = queue_->later;
    const bool is_next = later.empty() || when < later.front().when;
    later.push_back({when, std::move(job)});
    std::push_heap(later.begin(), later.end(), Queue::IsAfter{});
    return is_next;  // else it sleeps for a shorter time anyway
  });
}

Watch WorkerThread::watch_readable(int fd, std::function<bool()> ready) {
  struct Registered final : Watch::Source {
    Registered(std::shared_ptr<Queue> of, std::uint64_t as) : queue(std::move(of)), number(as) {}
    ~Registered() override { queue->forget(number); }
    std::shared_ptr<Queue> queue;
    std::uint64_t number;
  };
  std::uint64_t number = 0;
  queue_->change([&] {
    if (queue_->is_stopping) return false;
    number = ++queue_->watch_count;
    queue_->watches.emplace(number, Queue::Watched{fd, std::make_shared<const std::function<bool()>>(std::move(ready))});
    return true;
  });
  return Watch{std::make_unique<Registered>(queue_, number)};
}

bool WorkerThread::stop(Microseconds timeout) {
  std::deque<Queue::Job> dropped;  // destroyed unlocked
  std::vector<Queue::Timed> dropped_later;
  Queue::Watches dropped_watches;
  queue_->change([&] {
    dropped_later.swap(queue_->later);
    dropped_watches.swap(queue_->watches);
    return queue_->is_stopping = true;
  });
  bool has_ended = false;
  {
    std::unique_lock lock{queue_->mutex};
    has_ended = queue_->ended.wait_for(lock, timeout, [this] { return queue_->has_ended; });
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
    auto job = queue->take();
    if (job) {
      lock.unlock();
      (*job)();
      job.reset();  // before locking again: what it captured may queue more
      lock.lock();
      if (!queue->watches.empty() && (!queue->jobs.empty() || queue->is_timed_due())) queue->poll(lock, false);
    } else if (queue->is_stopping) {
      break;
    } else {
      queue->poll(lock, true);
    }
  }
  queue->has_ended = true;
  queue->ended.notify_all();
}

}  // namespace rbamp::loop
