#include "loop/loop.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <deque>
#include <exception>
#include <initializer_list>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "base/fd.hpp"
#include "loop/timer_queue.hpp"
#include "loop/wake_signal.hpp"

namespace rbamp::loop {
namespace {

constexpr std::uint64_t timer_accuracy_us = 1000;  // 0 would mean sd-event's default of 250 ms

void require(int outcome, const char* what) {
  if (outcome < 0) throw std::system_error{-outcome, std::system_category(), what};
}

[[nodiscard]] Fd require_fd(int fd, const char* what) {
  if (fd < 0) throw std::system_error{errno, std::system_category(), what};
  return Fd{fd};
}

void block_signals(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  require(-pthread_sigmask(SIG_BLOCK, &set, nullptr), "blocking signals");
}

struct EventUnref {
  void operator()(sd_event* event) const { sd_event_unref(event); }
};
struct SourceUnref {
  // A source that is being dispatched is kept by sd-event until its handler has returned.
  void operator()(sd_event_source* source) const { sd_event_source_disable_unref(source); }
};
using EventHandle = std::unique_ptr<sd_event, EventUnref>;
using SourceHandle = std::unique_ptr<sd_event_source, SourceUnref>;

}  // namespace

struct Loop::Core {
  EventHandle event;
  WakeSignal wake;
  Fd late;  // a timer: wakes for what is in no hurry
  SourceHandle wake_source;
  SourceHandle late_source;
  std::mutex mutex;
  // Guarded by mutex; everything else belongs to the loop thread.
  std::deque<std::function<void()>> posted;
  bool is_woken = false;  // of the two: which will wake the loop for what is posted
  bool is_late_set = false;
  std::optional<int> exit_code;
  std::exception_ptr failure;

  SourceHandle timer_source;
  // sd-event knows only the first: of those that are overdue together it would fire any.
  TimerQueue timers{[this] { arm_timer(); }};

  Core();
  [[nodiscard]] bool is_ending() const { return exit_code.has_value() || failure != nullptr; }

  /// The border between sd-event's C code and ours: every callback of ours runs inside.
  template <class Callback, class... Args>
  void guarded(const Callback& callback, Args... args) noexcept {
    try {
      callback(args...);
    } catch (...) {  // not swallowed: run() throws it again
      failure = std::current_exception();
    }
  }
  void wake_up();
  void wake_up_later();
  void run_posted() noexcept;
  void arm_timer() const;
  void run_first_timer() noexcept;
};

namespace {

/// One callback and its sd-event source. `Core` is a parameter only because Loop::Core is private.
template <class Core, class... Args>
class Registered {
 public:
  using Callback = std::function<void(Args...)>;
  Registered(Core& core, Callback callback) : core_(core), callback_(std::make_shared<const Callback>(std::move(callback))) {}

  void own(sd_event_source* source) { source_.reset(source); }
  void call(Args... args) noexcept {
    auto& core = core_;
    const auto callback = callback_;  // the callback may destroy *this
    core.guarded(*callback, args...);
  }

 private:
  Core& core_;
  std::shared_ptr<const Callback> callback_;
  SourceHandle source_;
};

std::uint64_t due_at(BootTime when) {
  return static_cast<std::uint64_t>(std::max(when.time_since_epoch().count(), std::int64_t{0}));
}

template <class Core>
struct FdSource final : Watch::Source {
  FdSource(Core& core, std::function<void(std::uint32_t)> callback) : registered(core, std::move(callback)) {}
  static int fire(sd_event_source* /*source*/, int /*fd*/, std::uint32_t ready, void* self) noexcept {
    static_cast<FdSource*>(self)->registered.call(ready);
    return 0;
  }
  Registered<Core, std::uint32_t> registered;
};

template <class Core>
struct SignalSource final : Watch::Source {
  SignalSource(Core& core, std::function<void()> callback) : registered(core, std::move(callback)) {}
  static int fire(sd_event_source* /*source*/, const signalfd_siginfo* /*info*/, void* self) noexcept {
    static_cast<SignalSource*>(self)->registered.call();
    return 0;
  }
  Registered<Core> registered;
};

/// A timer on CLOCK_REALTIME that never expires, but is cancelled by the kernel when that clock is set.
template <class Core>
struct ClockChangeSource final : Watch::Source {
  ClockChangeSource(Core& core, std::function<void()> callback)
      : fd(require_fd(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), "making the clock watch")),
        registered(core, std::move(callback)) {
    require(arm(), "arming the clock watch");
  }
  [[nodiscard]] int arm() const noexcept {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<time_t>::max();
    return timerfd_settime(fd.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) < 0 ? -errno : 0;
  }
  static int fire(sd_event_source* /*source*/, int /*fd*/, std::uint32_t /*ready*/, void* self) noexcept {
    auto& watch = *static_cast<ClockChangeSource*>(self);
    std::uint64_t expirations = 0;
    const bool was_set = read(watch.fd.get(), &expirations, sizeof expirations) < 0 && errno == ECANCELED;
    if (const int outcome = watch.arm(); outcome < 0) return outcome;  // sd-event then disables the source
    if (was_set) watch.registered.call();
    return 0;
  }
  Fd fd;
  Registered<Core> registered;  // after fd: unregistered before it closes
};

}  // namespace

Loop::Core::Core() {
  block_signals({SIGTERM, SIGINT, SIGHUP});
  sd_event* made = nullptr;
  require(sd_event_new(&made), "making the event loop");
  event.reset(made);
  const auto drain = [](sd_event_source* /*source*/, int /*fd*/, std::uint32_t /*ready*/, void* core) noexcept {
    static_cast<Core*>(core)->run_posted();
    return 0;
  };
  sd_event_source* source = nullptr;
  require(sd_event_add_io(event.get(), &source, wake.fd(), EPOLLIN, drain, this), "watching the loop's wake-up descriptor");
  wake_source.reset(source);
  late = require_fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "making the loop's late wake-up");
  require(sd_event_add_io(event.get(), &source, late.get(), EPOLLIN, drain, this), "watching the loop's late wake-up");
  late_source.reset(source);
  const auto fire = [](sd_event_source* /*source*/, std::uint64_t /*due*/, void* core) noexcept {
    static_cast<Core*>(core)->run_first_timer();
    return 0;
  };
  require(sd_event_add_time(event.get(), &source, CLOCK_BOOTTIME, 0, timer_accuracy_us, fire, this), "making the loop's timer");
  timer_source.reset(source);
  arm_timer();
}

void Loop::Core::arm_timer() const {
  const bool has_any = timers.size() > 0;
  if (has_any) require(sd_event_source_set_time(timer_source.get(), due_at(timers.next())), "setting a timer");
  require(sd_event_source_set_enabled(timer_source.get(), has_any ? SD_EVENT_ONESHOT : SD_EVENT_OFF), "setting a timer");
}

void Loop::Core::run_first_timer() noexcept {
  guarded([this] {
    const auto callback = timers.take_first();
    arm_timer();
    (*callback)();
  });
}

void Loop::Core::wake_up() {
  if (!std::exchange(is_woken, true)) wake.raise();
}

void Loop::Core::wake_up_later() {
  if (is_woken || std::exchange(is_late_set, true)) return;
  itimerspec after{};
  after.it_value.tv_nsec = std::chrono::nanoseconds{leisure}.count();
  // Fails only with arguments that these are not; a wake-up too early does no harm.
  if (timerfd_settime(late.get(), 0, &after, nullptr) < 0) wake_up();
}

void Loop::Core::run_posted() noexcept {
  std::unique_lock lock{mutex};
  if (std::exchange(is_woken, false)) wake.clear();
  if (std::exchange(is_late_set, false)) {
    const itimerspec never{};  // forgets that it fired, too
    [[maybe_unused]] const auto disarmed = timerfd_settime(late.get(), 0, &never, nullptr);
  }
  // Only what waits now: a callback that posts itself again must not starve timers and descriptors.
  for (auto left = posted.size(); left > 0 && !is_ending(); --left) {
    {
      const auto callback = std::move(posted.front());
      posted.pop_front();
      lock.unlock();
      guarded(callback);
    }  // destroyed before locking again: what it captured may post on its way out
    lock.lock();
  }
  if (!posted.empty()) wake_up();
}

Loop::Loop() : core_(std::make_unique<Core>()) {}
Loop::~Loop() {
  // What was captured may post from its destructor, so it goes while the queue is still whole.
  std::deque<std::function<void()>> dropped;
  {
    const std::scoped_lock lock{core_->mutex};
    dropped.swap(core_->posted);
  }
}

Timer Loop::call_at(BootTime when, std::function<void()> callback) { return core_->timers.add(when, std::move(callback)); }

void Loop::post(std::function<void()> callback) {
  const std::scoped_lock lock{core_->mutex};
  core_->posted.push_back(std::move(callback));
  core_->wake_up();
}

void Loop::post_later(std::function<void()> callback) {
  const std::scoped_lock lock{core_->mutex};
  core_->posted.push_back(std::move(callback));
  core_->wake_up_later();
}

Watch Loop::watch_fd(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback) {
  using Source = FdSource<Core>;
  auto watch = std::make_unique<Source>(*core_, std::move(callback));
  sd_event_source* source = nullptr;
  require(sd_event_add_io(core_->event.get(), &source, fd, events, &Source::fire, watch.get()), "watching a descriptor");
  watch->registered.own(source);
  return Watch{std::move(watch)};
}

Watch Loop::watch_signal(int number, std::function<void()> callback) {
  using Source = SignalSource<Core>;
  block_signals({number});
  auto watch = std::make_unique<Source>(*core_, std::move(callback));
  sd_event_source* source = nullptr;
  require(sd_event_add_signal(core_->event.get(), &source, number, &Source::fire, watch.get()), "watching a signal");
  watch->registered.own(source);
  return Watch{std::move(watch)};
}

Watch Loop::watch_clock_change(std::function<void()> callback) {
  using Source = ClockChangeSource<Core>;
  auto watch = std::make_unique<Source>(*core_, std::move(callback));
  sd_event_source* source = nullptr;
  require(sd_event_add_io(core_->event.get(), &source, watch->fd.get(), EPOLLIN, &Source::fire, watch.get()),
          "watching the clock");
  watch->registered.own(source);
  return Watch{std::move(watch)};
}

int Loop::run() {
  while (!core_->is_ending())
    require(sd_event_run(core_->event.get(), std::numeric_limits<std::uint64_t>::max()), "running the event loop");
  const auto code = std::exchange(core_->exit_code, std::nullopt);
  if (const auto failure = std::exchange(core_->failure, nullptr)) std::rethrow_exception(failure);
  return code.value_or(0);
}

void Loop::quit(int code) {
  if (!core_->exit_code) core_->exit_code = code;
}

}  // namespace rbamp::loop
