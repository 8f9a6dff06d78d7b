#include "loop/worker_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/timed_loop.hpp"
#include "unit/loop/pipe.hpp"

namespace rbamp::loop {
namespace {

using namespace std::chrono_literals;
using support::TimedLoop;

TEST_CASE("jobs run one at a time, in order, on one other thread") {
  WorkerThread worker{"test"};
  std::vector<int> seen;
  std::vector<std::thread::id> threads;
  for (int i = 0; i < 100; ++i) {
    worker.run([&, i] {
      seen.push_back(i);
      threads.push_back(std::this_thread::get_id());
    });
  }
  REQUIRE(worker.stop(10s));
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(seen == expected);
  CHECK(std::all_of(threads.begin(), threads.end(),
                    [&](auto id) { return id == threads.front() && id != std::this_thread::get_id(); }));
}

TEST_CASE("the answer of a job arrives on the loop's thread") {
  TimedLoop loop;
  WorkerThread worker{"test"};
  int answer = 0;
  std::thread::id at;
  submit(
      worker, *loop, [] { return 6 * 7; },
      [&](int result) {
        answer = result;
        at = std::this_thread::get_id();
        loop->quit();
      });
  loop.run();
  CHECK(answer == 42);
  CHECK(at == std::this_thread::get_id());
}

TEST_CASE("an answer can find out that its owner is gone") {
  TimedLoop loop;
  WorkerThread worker{"test"};
  auto owner = std::make_unique<Alive>();
  bool owner_was_alive = true;
  submit(
      worker, *loop, [] { return 1; },
      [&, guard = owner->guard()](int) {
        owner_was_alive = !guard.expired();
        loop->quit();
      });
  owner.reset();
  loop.run();
  CHECK_FALSE(owner_was_alive);
}

TEST_CASE("the destructor finishes what was queued") {
  int ran = 0;
  {
    WorkerThread worker{"test"};
    for (int i = 0; i < 10; ++i) worker.run([&] { ++ran; });
  }
  CHECK(ran == 10);
}

TEST_CASE("jobs with a time run in the order of their times, in turn with those that have none") {
  WorkerThread worker{"test"};
  const auto now = KernelClock{}.boot_now();
  std::string order;
  std::promise<void> may_begin;
  std::promise<void> ended;
  const auto note = [&](char what) { return [&order, what] { order += what; }; };
  worker.run([&] { may_begin.get_future().wait(); });
  worker.run_at(now + 2ms, [&] { ended.set_value(); });
  worker.run_at(now - 1s, note('c'));
  worker.run_at(now - 500ms, note('d'));
  worker.run_at(now + 1ms, note('e'));
  worker.run_at(now - 2s, note('a'));
  worker.run(note('b'));
  may_begin.set_value();
  ended.get_future().wait();
  CHECK(order == "abcde");
  CHECK(KernelClock{}.boot_now() >= now + 2ms);
}

TEST_CASE("a worker that waits for a job of later wakes for an earlier one, and for one without a time") {
  WorkerThread worker{"test"};
  const auto now = KernelClock{}.boot_now();
  worker.run_at(now + 1h, [] {});
  std::promise<void> earlier;
  worker.run_at(now + 1ms, [&] { earlier.set_value(); });
  CHECK(earlier.get_future().wait_for(10s) == std::future_status::ready);
  std::promise<void> at_once;
  worker.run([&] { at_once.set_value(); });
  CHECK(at_once.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(worker.stop(10s));
}

namespace {

/// Returns once the worker has done what it had to do.
void settle(WorkerThread& worker) {
  for (int turn = 0; turn < 2; ++turn) {
    std::promise<void> done;
    worker.run([&] { done.set_value(); });
    done.get_future().wait();
  }
}

}  // namespace

TEST_CASE("a worker that sleeps wakes for its descriptor, each time that it is readable, on its own thread") {
  const Pipe pipe;
  WorkerThread worker{"test"};
  std::thread::id at;
  std::promise<void> first;
  std::promise<void> second;
  int times = 0;
  const auto watch = worker.watch_readable(pipe.reader.get(), [&] {
    pipe.take();
    at = std::this_thread::get_id();
    ++times == 1 ? first.set_value() : second.set_value();
    return true;
  });
  worker.run_at(KernelClock{}.boot_now() + 1h, [] {});
  pipe.put();
  REQUIRE(first.get_future().wait_for(10s) == std::future_status::ready);
  pipe.put();
  REQUIRE(second.get_future().wait_for(10s) == std::future_status::ready);
  REQUIRE(worker.stop(10s));
  CHECK(times == 2);
  CHECK(at != std::this_thread::get_id());
}

TEST_CASE("a descriptor is served between two jobs that wait, and does not keep them from running") {
  const Pipe pipe;
  pipe.put();  // and never taken
  std::string order;
  WorkerThread worker{"test"};
  std::promise<void> may_begin;
  worker.run([&] { may_begin.get_future().wait(); });
  worker.run([&] { order += 'a'; });
  worker.run_at({}, [&] { order += 'b'; });
  worker.run([&] { order += 'c'; });
  auto watch = worker.watch_readable(pipe.reader.get(), [&] {
    order += '.';
    return order.size() < 6;
  });
  may_begin.set_value();
  settle(worker);
  REQUIRE(worker.stop(10s));
  CHECK(order == ".b.a.c.");
}

TEST_CASE("a watch that says no is not asked again, and neither is one that is cancelled") {
  const Pipe pipe;
  pipe.put();
  int refused = 0;
  int cancelled = 0;
  auto captured = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = captured;
  WorkerThread worker{"test"};
  const auto first = worker.watch_readable(pipe.reader.get(), [&] { return ++refused < 1; });
  auto second = worker.watch_readable(pipe.reader.get(), [&, captured = std::move(captured)] {
    ++cancelled;
    return true;
  });
  settle(worker);
  second.cancel();
  settle(worker);
  CHECK(watched.expired());
  REQUIRE(worker.stop(10s));
  const int asked = cancelled;
  pipe.put();
  CHECK(refused == 1);
  CHECK(asked >= 1);
  CHECK(cancelled == asked);
}

TEST_CASE("a watch may be cancelled from inside its own callback, and may outlive its worker") {
  const Pipe pipe;
  pipe.put();
  Watch watch;
  int times = 0;
  {
    WorkerThread worker{"test"};
    std::promise<void> is_set;
    auto ready = is_set.get_future();
    watch = worker.watch_readable(pipe.reader.get(), [&] {
      ready.wait();
      watch.cancel();
      ++times;
      return true;
    });
    is_set.set_value();
    settle(worker);
    CHECK(times == 1);
    watch = worker.watch_readable(pipe.reader.get(), [] { return false; });
  }
  watch.cancel();
}

TEST_CASE("what a watch holds is given back by stop") {
  const Pipe pipe;
  auto captured = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = captured;
  WorkerThread worker{"test"};
  const auto watch = worker.watch_readable(pipe.reader.get(), [captured = std::move(captured)] { return true; });
  REQUIRE(worker.stop(10s));
  CHECK(watched.expired());
  const auto late = worker.watch_readable(pipe.reader.get(), [] { return true; });  // refused, and harmless
}

TEST_CASE("jobs for later are dropped unrun by stop, and by the destructor") {
  bool ran = false;
  auto captured = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = captured;
  {
    WorkerThread worker{"test"};
    worker.run_at(KernelClock{}.boot_now() + 1h, [&ran, captured = std::move(captured)] { ran = true; });
    SECTION("stop") {
      REQUIRE(worker.stop(10s));
      CHECK(watched.expired());
      worker.run_at({}, [&ran] { ran = true; });
    }
    SECTION("destructor") {}
  }
  CHECK(watched.expired());
  CHECK_FALSE(ran);
}

TEST_CASE("after stop jobs are dropped unrun, and stopping again changes nothing") {
  WorkerThread worker{"test"};
  REQUIRE(worker.stop(10s));
  auto captured = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = captured;
  worker.run([captured = std::move(captured)] { ++*captured; });
  CHECK(watched.expired());
  CHECK(worker.stop(10s));
}

TEST_CASE("a job that hangs does not keep stop from returning, and what waited behind it is dropped") {
  // Everything the hanging job touches is shared with it, as stop() demands.
  struct Shared {
    std::promise<void> started;
    std::promise<void> release;
    std::promise<void> ended;
  };
  const auto shared = std::make_shared<Shared>();
  bool ran_behind = false;
  {
    WorkerThread worker{"wedged"};
    worker.run([shared] {
      shared->started.set_value();
      shared->release.get_future().wait();
      shared->ended.set_value();
    });
    auto captured = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = captured;
    worker.run([&ran_behind, captured = std::move(captured)] { ran_behind = true; });
    shared->started.get_future().wait();
    CHECK_FALSE(worker.stop(1ms));
    CHECK(watched.expired());
  }
  shared->release.set_value();
  REQUIRE(shared->ended.get_future().wait_for(10s) == std::future_status::ready);
  CHECK_FALSE(ran_behind);
}

TEST_CASE("a worker has all signals blocked and carries its name, cut to what the kernel keeps") {
  WorkerThread worker{"bus-with-a-long-name"};
  bool blocked = true;
  std::array<char, 16> name{};
  worker.run([&] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) blocked = blocked && sigismember(&mask, number) == 1;
    // The name is given by the starting thread, perhaps only after this job began: ask until it is there.
    do pthread_getname_np(pthread_self(), name.data(), name.size());
    while (std::string{name.data()}.find("bus") == std::string::npos);
  });
  REQUIRE(worker.stop(10s));
  CHECK(blocked);
  CHECK(std::string{name.data()} == "bus-with-a-long");
}

TEST_CASE("an inline executor answers through the scheduler like a thread does") {
  TimedLoop loop;
  InlineExecutor executor;
  std::string order;
  submit(
      executor, *loop,
      [&] {
        order += "job ";
        return 1;
      },
      [&](int) {
        order += "done";
        loop->quit();
      });
  order += "queued ";
  loop.run();
  CHECK(order == "job queued done");
}

}  // namespace
}  // namespace rbamp::loop
