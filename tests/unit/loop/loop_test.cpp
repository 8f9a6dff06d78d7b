#include "loop/loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "support/catch.hpp"
#include "support/timed_loop.hpp"
#include "unit/loop/pipe.hpp"

namespace rbamp::loop {
namespace {

using namespace std::chrono_literals;
using support::TimedLoop;

TEST_CASE("timers fire in the order of their due times, whatever the order they were set in") {
  TimedLoop loop;
  std::string order;
  const auto now = loop->clock().boot_now();
  const auto late = loop->call_at(now + 20ms, [&] {
    order += 'c';
    loop->quit();
  });
  const auto early = loop->call_at(now + 5ms, [&] { order += 'b'; });
  const auto past = loop->call_at(now - 1h, [&] { order += 'a'; });
  loop.run();
  CHECK(order == "abc");
}

TEST_CASE("timers that are overdue together, after a stall, fire in the order of their due times") {
  TimedLoop loop;
  const auto now = loop->clock().boot_now();
  std::vector<int> fired;
  std::vector<Timer> timers;
  for (const int place : {7, 2, 9, 4, 0, 6, 1, 8, 3, 5})
    timers.push_back(loop->call_at(now - 10ms + std::chrono::milliseconds{place}, [&fired, place] { fired.push_back(place); }));
  const auto last = loop->call_at(now, [&] { loop->quit(); });
  loop.run();
  CHECK(fired == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("a timer never fires before its time") {
  TimedLoop loop;
  const auto due = loop->clock().boot_now() + 3ms;
  BootTime fired{};
  const auto timer = loop->call_at(due, [&] {
    fired = loop->clock().boot_now();
    loop->quit();
  });
  loop.run();
  CHECK(fired >= due);
}

TEST_CASE("a timer before the start of the boot clock fires at once") {
  TimedLoop loop;
  const auto timer = loop->call_at(BootTime{-1s}, [&] { loop->quit(7); });
  CHECK(loop.run() == 7);
}

TEST_CASE("a cancelled timer does not fire") {
  TimedLoop loop;
  bool fired = false;
  auto timer = loop->call_after(1ms, [&] { fired = true; });
  timer.cancel();
  CHECK_FALSE(timer.is_set());
  const auto end = loop->call_after(5ms, [&] { loop->quit(); });
  loop.run();
  CHECK_FALSE(fired);
}

TEST_CASE("a timer fires once, and its callback may replace the timer it came from") {
  TimedLoop loop;
  int count = 0;
  Timer timer;
  std::function<void()> tick = [&] {
    if (++count == 3) {
      loop->quit();
      return;
    }
    timer = loop->call_after(1ms, tick);
  };
  timer = loop->call_after(1ms, tick);
  loop.run();
  CHECK(count == 3);
}

TEST_CASE("a timer can be moved before it fired, and from its own callback to fire again") {
  TimedLoop loop;
  int count = 0;
  Timer timer;
  const auto begin = loop->clock().boot_now();
  timer = loop->call_after(1h, [&] {
    if (++count == 3) {
      loop->quit();
      return;
    }
    timer.move_to(loop->clock().boot_now() + 5ms);
  });
  timer.move_to(begin + 5ms);
  loop.run();
  CHECK(count == 3);
  CHECK(loop->clock().boot_now() - begin >= 15ms);
}

TEST_CASE("a moved timer does not fire at its first time") {
  TimedLoop loop;
  bool fired = false;
  auto timer = loop->call_after(1ms, [&] { fired = true; });
  timer.move_to(loop->clock().boot_now() + 1h);
  const auto end = loop->call_after(5ms, [&] { loop->quit(); });
  loop.run();
  CHECK_FALSE(fired);
}

TEST_CASE("what a callback captured stays alive while it runs, even when it cancels its own timer") {
  TimedLoop loop;
  Timer timer;
  auto kept = std::make_shared<std::string>("still here");
  const std::weak_ptr<std::string> watched = kept;
  std::string seen;
  timer = loop->call_after(0ms, [&timer, &seen, &loop, kept = std::move(kept)] {
    timer.cancel();
    seen = *kept;
    loop->quit();
  });
  loop.run();
  CHECK(seen == "still here");
  CHECK(watched.expired());
}

TEST_CASE("callbacks posted by another thread run on the loop's thread, in order") {
  TimedLoop loop;
  constexpr int posts = 1000;
  std::vector<int> seen;
  bool wrong_thread = false;
  const auto owner = std::this_thread::get_id();
  std::thread other{[&] {
    for (int i = 0; i < posts; ++i) {
      loop->post([&, i] {
        seen.push_back(i);
        wrong_thread = wrong_thread || std::this_thread::get_id() != owner;
      });
    }
    loop->post([&] { loop->quit(); });
  }};
  loop.run();
  other.join();
  REQUIRE(seen.size() == posts);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK_FALSE(wrong_thread);
}

TEST_CASE("what is posted for later runs with the next post, before it and at once") {
  bool at_once = false;
  for (int tries = 0; tries < 100 && !at_once; ++tries) {  // a machine that stalls looks like leisure
    TimedLoop loop;
    std::string order;
    loop->post_later([&] { order += 'a'; });
    loop->post_later([&] { order += 'b'; });
    const auto begin = loop->clock().boot_now();
    loop->post([&] {
      at_once = loop->clock().boot_now() - begin < Scheduler::leisure;
      loop->quit();
    });
    loop.run();
    CHECK(order == "ab");
  }
  CHECK(at_once);
}

TEST_CASE("what is posted for later runs without any other post, not before its time, all of it in one wake-up, and again") {
  TimedLoop loop;
  for (int round = 0; round < 2; ++round) {
    int ran = 0;
    const auto begin = loop->clock().boot_now();
    std::thread other{[&] {
      for (int i = 0; i < 3; ++i) {
        loop->post_later([&] {
          if (++ran == 1) loop->post([&] { loop->quit(); });  // in the next wake-up
        });
      }
    }};
    other.join();
    loop.run();
    CHECK(ran == 3);
    CHECK(loop->clock().boot_now() - begin >= Scheduler::leisure - 1ms);
  }
}

TEST_CASE("a callback that posts itself for ever does not starve timers") {
  TimedLoop loop;
  std::function<void()> again = [&] { loop->post(again); };
  loop->post(again);
  const auto end = loop->call_after(2ms, [&] { loop->quit(); });
  CHECK_NOTHROW(loop.run());
}

TEST_CASE("a posted callback may post from the destructor of what it captured") {
  TimedLoop loop;
  struct PostsAtEnd {
    Loop* loop;
    ~PostsAtEnd() {
      loop->post([l = loop] { l->quit(); });
    }
  };
  loop->post([last = std::make_shared<PostsAtEnd>(PostsAtEnd{&*loop})] {});
  CHECK_NOTHROW(loop.run());
}

TEST_CASE("after quit nothing else runs, and what was posted waits for the next run") {
  TimedLoop loop;
  std::string order;
  loop->post([&] {
    order += 'a';
    loop->quit(3);
    loop->quit(4);
  });
  loop->post([&] {
    order += 'b';
    loop->quit();
  });
  CHECK(loop.run() == 3);
  CHECK(order == "a");
  CHECK(loop.run() == 0);
  CHECK(order == "ab");
}

TEST_CASE("an exception from a callback flies out of run, and the loop can be used again") {
  TimedLoop loop;
  SECTION("posted") {
    loop->post([] { throw std::runtime_error{"from a post"}; });
    CHECK_THROWS_WITH(loop.run(), "from a post");
  }
  SECTION("timer") {
    const auto timer = loop->call_after(0ms, [] { throw std::runtime_error{"from a timer"}; });
    CHECK_THROWS_WITH(loop.run(), "from a timer");
  }
  loop->post([&] { loop->quit(5); });
  CHECK(loop.run() == 5);
}

TEST_CASE("a watched descriptor calls back as long as it is readable") {
  TimedLoop loop;
  const Pipe pipe;
  std::string seen;
  const auto watch = loop->watch_fd(pipe.reader.get(), EPOLLIN, [&](std::uint32_t ready) {
    CHECK((ready & EPOLLIN) != 0U);
    seen += pipe.get();
    if (seen.size() == 2) loop->quit();
  });
  pipe.put('x');
  pipe.put('y');
  loop.run();
  CHECK(seen == "xy");
}

TEST_CASE("a hung-up descriptor is reported although only input was asked for") {
  TimedLoop loop;
  Pipe pipe;
  std::uint32_t seen = 0;
  const auto watch = loop->watch_fd(pipe.reader.get(), EPOLLIN, [&](std::uint32_t ready) {
    seen = ready;
    loop->quit();
  });
  pipe.writer.reset();
  loop.run();
  CHECK((seen & EPOLLHUP) != 0U);
}

TEST_CASE("a watch may be destroyed from inside its own callback") {
  TimedLoop loop;
  const Pipe pipe;
  int calls = 0;
  Watch watch;
  auto kept = std::make_shared<int>(42);
  watch = loop->watch_fd(pipe.reader.get(), EPOLLIN, [&, kept = std::move(kept)](std::uint32_t) {
    watch.cancel();
    calls += *kept == 42 ? 1 : 100;
  });
  pipe.put('x');  // never read: a watch that lived on would be called again and again
  const auto end = loop->call_after(5ms, [&] { loop->quit(); });
  loop.run();
  CHECK(calls == 1);
}

TEST_CASE("a descriptor that cannot be watched is refused with the system's reason") {
  TimedLoop loop;
  CHECK_THROWS_AS(loop->watch_fd(-1, EPOLLIN, [](std::uint32_t) {}), std::system_error);
}

TEST_CASE("a stop signal reaches its watch, also when it came before the watch was set") {
  TimedLoop loop;
  const int number = GENERATE(SIGTERM, SIGINT, SIGHUP);
  REQUIRE(raise(number) == 0);  // would end this process if the loop did not block it
  int calls = 0;
  const auto watch = loop->watch_signal(number, [&] {
    ++calls;
    loop->quit();
  });
  loop.run();
  CHECK(calls == 1);
}

TEST_CASE("the clock watch stays silent while nobody sets the clock") {
  TimedLoop loop;
  int calls = 0;
  const auto watch = loop->watch_clock_change([&] { ++calls; });
  const auto end = loop->call_after(5ms, [&] { loop->quit(); });
  loop.run();
  CHECK(calls == 0);
}

TEST_CASE("a test loop that waits for nothing fails after its limit") {
  TimedLoop loop{20ms};
  CHECK_THROWS_WITH(loop.run(), "the loop did not end within 20 ms");
}

TEST_CASE("a test loop runs until its condition holds") {
  TimedLoop loop;
  int ticks = 0;
  const auto timer = loop->call_after(2ms, [&] { ticks = 1; });
  loop.run_until([&] { return ticks == 1; });
  CHECK(ticks == 1);
}

}  // namespace
}  // namespace rbamp::loop
